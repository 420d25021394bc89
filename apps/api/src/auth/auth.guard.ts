import { verify, type KeyObject } from 'node:crypto';
import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { Problem } from '../problems/problem';
import { AccessTo, accessOf } from './access';
import { tokenOf } from './bearer';
import type { TokenRequest } from './jwt.strategy';
import { notSigned, noToken, refusedToken } from './token-problems';
import { TokenReader } from './token-reader';

/** No token needed here; one that is sent is not looked at. */
export const Public = (): MethodDecorator & ClassDecorator => AccessTo('public');

/**
 * Authenticates every route that is not public, and leaves the caller as `request.user`. Passport is asked about tokens that are
 * not known yet. Those signed with Ed25519 are verified here, since passport-jwt verifies with jsonwebtoken, which has no EdDSA.
 */
@Injectable()
export class TokenGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenReader,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (accessOf(this.reflector, context) === 'public') return true;
    const request = context.switchToHttp().getRequest<TokenRequest>();
    const token = tokenOf(request);
    const key = await this.tokens.keyOf(token);
    const known = this.tokens.known(token, key);
    if (known) {
      request.user = known;
      return true;
    }
    this.tokens.expectFitting(token, key);
    if (key.asymmetricKeyType !== 'ed25519') {
      request.signedBy = key;
      return super.canActivate(context) as Promise<boolean>;
    }
    if (!isSignedWithEd25519(token, key)) throw refusedToken(notSigned);
    request.user = this.tokens.accept(token, key);
    return true;
  }

  /** Passport hands over what was thrown as `error`, and why jsonwebtoken refused as `info`. */
  override handleRequest<C>(error: Error | null, caller: C | false | null, info: Error | undefined): C {
    if (!error && caller) return caller;
    throw error ?? (info instanceof Problem ? info : info ? refusedToken(notSigned) : noToken());
  }
}

/** RFC 8032: Ed25519 hashes by itself, so there is no digest to name. */
function isSignedWithEd25519(token: string, key: KeyObject): boolean {
  const dot = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  return verify(null, Buffer.from(token.slice(0, dot)), key, signature);
}
