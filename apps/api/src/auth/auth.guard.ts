import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { AccessTo, accessOf } from './access';
import { noToken } from './token-problems';

/** No token needed here; one that is sent is not looked at. */
export const Public = (): MethodDecorator & ClassDecorator => AccessTo('public');

/** Lets through who has a good token, as `request.user`, and everybody where the route is public. */
@Injectable()
export class TokenGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    return accessOf(this.reflector, context) === 'public' || super.canActivate(context);
  }

  /** Passport hands over what was thrown as `error` and what was refused as `info`; here both are Problems. */
  override handleRequest<C>(error: Error | null, caller: C | false | null, info: Error | undefined): C {
    if (!error && caller) return caller;
    throw error ?? info ?? noToken();
  }
}
