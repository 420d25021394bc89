import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '../problems/problem';
import { AccessTo, accessOf } from './access';
import type { Caller } from './caller';
import { callerIn } from './caller.decorator';
import { mayReport, type Scope } from './scopes';

/** What a method needs replaces what its controller needs, `@Public()` included. */
export const Needs = (scope: Scope): MethodDecorator & ClassDecorator => AccessTo(scope);

/** Comes after the TokenGuard. A route that forgot to say what it needs is closed, not open. */
@Injectable()
export class ScopeGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const access = accessOf(this.reflector, context);
    if (access === undefined) throw new Problem('insufficient_scope', 'No scope opens this route.');
    // For which external system is checked where that is known.
    if (access === 'callback:process' && mayReport(callerIn(context).scopes)) return true;
    if (access !== 'public') demandScope(callerIn(context), access);
    return true;
  }
}

/** For what depends on more than the route, such as the command within a batch. */
export function demandScope({ scopes }: Caller, scope: Scope): void {
  if (scopes.has(scope)) return;
  throw new Problem(
    'insufficient_scope',
    `This needs the scope ${scope}.`,
    { scope },
    {
      'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"`,
    },
  );
}
