import { Module, type DynamicModule } from '@nestjs/common';
import { JwtStrategy, type AuthOptions } from './jwt.strategy';

/**
 * Teaches passport to read tokens. The guards are registered by the application, TokenGuard before ScopeGuard,
 * because their order among the other guards is its business.
 */
@Module({})
export class AuthModule {
  static forRoot(options: AuthOptions): DynamicModule {
    return {
      module: AuthModule,
      // Nobody injects the strategy: it registers itself with passport when it is made.
      providers: [{ provide: JwtStrategy, useFactory: () => new JwtStrategy(options) }],
    };
  }
}
