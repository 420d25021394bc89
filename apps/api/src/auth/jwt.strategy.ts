import { KeyObject } from 'node:crypto';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import { Problem } from '../problems/problem';
import { tokenOf } from './bearer';
import { callerOf, type Caller } from './caller';
import type { Expected } from './claims';
import { keySource, type KeyConfig, type KeySource } from './keys';
import { notSigned, refusedToken } from './token-problems';
import { KeysUnreachable } from './jwks';
import { verifyToken } from './verify-token';

export type AuthOptions = KeyConfig & Expected;

// The one seam passport-jwt has. Its own verifier leaves out EdDSA, and lets a token go without an expiry.
Object.assign(Strategy, { JwtVerifier: verifyToken });

export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor({ issuer, audience, ...keys }: AuthOptions) {
    super({
      jwtFromRequest: tokenOf,
      secretOrKeyProvider: providing(keySource(keys)),
      issuer,
      audience,
    });
  }

  validate(claims: unknown): Caller {
    const caller = callerOf(claims);
    if (typeof caller === 'string') throw refusedToken(caller);
    return caller;
  }
}

/** A key that is there is handed over at once: waiting a turn for it would cost more than a look at the signature. */
function providing(keyOf: KeySource): SecretOrKeyProvider {
  return (_request, token: string, done: (refused: Error | null, key?: never) => void) => {
    const give = (key: KeyObject | undefined): void =>
      key ? done(null, key as never) : done(refusedToken(notSigned));
    const key = keyOf(token);
    if (key instanceof Promise) key.then(give).catch((error: unknown) => done(told(error)));
    else give(key);
  };
}

/** Not a 401: the caller may be anybody, and a client that drops a good token would only make things worse. */
function told(error: unknown): Error {
  return error instanceof KeysUnreachable
    ? new Problem('service_unavailable', 'Tokens cannot be checked just now: try again soon.', undefined, {
        'retry-after': '1',
      })
    : (error as Error);
}
