import { Module, type DynamicModule } from '@nestjs/common';
import type { Expected } from './claims';
import { JwtStrategy } from './jwt.strategy';
import { keySource, type KeyConfig } from './keys';
import { TokenReader } from './token-reader';

export type AuthOptions = KeyConfig & Expected;

/**
 * Teaches passport to read tokens. The guards are registered by the application, TokenGuard before ScopeGuard, because
 * their order among the other guards is its business.
 */
@Module({})
export class AuthModule {
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
      ],
      exports: [TokenReader],
    };
  }
}
