import { Module, type DynamicModule } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Config } from '../config/config';
import { TokenGuard } from './auth.guard';
import { egressProxyOf } from '../config/egress-proxy';
import type { Expected } from './claims';
import { HostGuard, type Authenticate } from './host.guard';
import { JwtStrategy } from './jwt.strategy';
import { keySource, type KeyConfig } from './keys';
import { proxiedKeys } from './proxied-keys';
import { TokenReader } from './token-reader';

export type AuthOptions = KeyConfig & Expected;

/** Injection token of the guard that finds out who calls. */
export const AUTHENTICATION_GUARD = Symbol('AuthenticationGuard');

/**
 * Finds out who calls. The guard is registered by the application, before the ScopeGuard, because their order among the
 * other guards is its business.
 */
@Module({})
export class AuthModule {
  /** By the bearer tokens that the config describes. */
  static forTokens(config: Config): DynamicModule {
    const { jwtSecret: secret, jwtJwksUrl: jwksUrl, jwtMaxLifetimeSeconds: maxLifetime } = config;
    const [issuer, audience] = [config.jwtIssuer, config.jwtAudience].map((one) =>
      one === '*' ? undefined : one,
    );
    const get = jwksUrl === undefined ? undefined : proxiedKeys(jwksUrl, egressProxyOf(config));
    return AuthModule.forRoot({ secret, jwksUrl, issuer, audience, maxLifetime, get });
  }

  /** By bearer tokens. Teaches passport to read them. */
  static forRoot(options: AuthOptions): DynamicModule {
    return {
      module: AuthModule,
      providers: [
        { provide: TokenReader, useFactory: () => new TokenReader(keySource(options), options) },
        // Not injected anywhere: it registers itself with passport when it is made.
        {
          provide: JwtStrategy,
          inject: [TokenReader],
          useFactory: (tokens: TokenReader) => new JwtStrategy(tokens),
        },
        { provide: AUTHENTICATION_GUARD, useClass: TokenGuard },
      ],
      exports: [TokenReader, AUTHENTICATION_GUARD],
    };
  }

  /** By what the host application says. Leaves passport alone, which the host may use for itself. */
  static forHost(authenticate: Authenticate): DynamicModule {
    return {
      module: AuthModule,
      providers: [
        {
          provide: AUTHENTICATION_GUARD,
          inject: [Reflector],
          useFactory: (reflector: Reflector) => new HostGuard(reflector, authenticate),
        },
      ],
      exports: [AUTHENTICATION_GUARD],
    };
  }
}
