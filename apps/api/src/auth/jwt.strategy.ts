import type { KeyObject } from 'node:crypto';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import type { Algorithm } from 'jsonwebtoken';
import { Strategy, type SecretOrKeyProvider, type StrategyOptionsWithRequest } from 'passport-jwt';
import { tokenOf } from './bearer';
import type { Caller } from './caller';
import type { TokenReader } from './token-reader';

/** `signedBy`: the key which the TokenGuard found for the token. */
export type TokenRequest = FastifyRequest & { user?: Caller; signedBy?: KeyObject };

/** Those of jsonwebtoken which this service accepts; which of them a token may name depends on its key. */
const algorithms: Algorithm[] = [
  ...(['HS256', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512'] as const),
];

/**
 * The strategy `jwt` of passport: passport-jwt verifies the signature, and `validate` reads the token. What jsonwebtoken
 * makes of the claims is not used, since it unpacks a JSON text within the JSON, and lets a token go without an expiry.
 */
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(private readonly tokens: TokenReader) {
    super({
      jwtFromRequest: tokenOf,
      secretOrKeyProvider: giveKey,
      algorithms,
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
      passReqToCallback: true,
    } as unknown as StrategyOptionsWithRequest);
  }

  /** @throws Problem when the token, whose signature is good, does not count or names no caller. */
  validate(request: TokenRequest): Caller {
    const { signedBy } = request;
    if (!signedBy) throw new Error('A signature was verified without the key of the TokenGuard.');
    return this.tokens.accept(tokenOf(request), signedBy);
  }
}

/** Without a key, jsonwebtoken refuses every token. */
const giveKey: SecretOrKeyProvider = (request: unknown, _token, done) =>
  done(null, (request as TokenRequest).signedBy as never);
