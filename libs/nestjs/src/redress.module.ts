import {
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import type { RedressOptions } from './options';
import { exported, providers } from './providers';
import { redressOptions } from './tokens';

/** Where the desks can be injected. */
export type RedressScope = Readonly<{
  /** In every module, and not only in those that import this one; false unless given. */
  isGlobal?: boolean;
}>;

/** A factory of the options, and what it is given. */
export type RedressAsyncOptions = RedressScope &
  Readonly<{
    /** Modules that export what the factory injects. */
    imports?: ModuleMetadata['imports'];
    inject?: FactoryProvider['inject'];
    /** Makes the options, of what `inject` names. */
    // The arguments are what `inject` names, which Nest does not type either.
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    useFactory: (...injected: any[]) => RedressOptions | Promise<RedressOptions>;
  }>;

/**
 * A whole exception and dispute desk in a NestJS application. It provides the desks of `@redress/domain` under their
 * classes (`ExceptionDesk`, `DisputeDesk`, …), the lists under theirs (`@InjectReads()`), and runs the jobs of the store
 * while the application runs. It registers no routes, guards, pipes or filters.
 */
@Module({})
export class RedressModule {
  /** A desk over a store that is at hand. */
  static forRoot({ isGlobal, ...options }: RedressOptions & RedressScope): DynamicModule {
    return desk({ isGlobal, options: { provide: redressOptions, useValue: options } });
  }

  /** A desk whose store has to be made or injected first, such as `typeormStore(dataSource)`. */
  static forRootAsync({
    isGlobal,
    imports = [],
    inject = [],
    useFactory,
  }: RedressAsyncOptions): DynamicModule {
    return desk({ isGlobal, imports, options: { provide: redressOptions, inject, useFactory } });
  }
}

type Parts = Readonly<{
  isGlobal: boolean | undefined;
  imports?: NonNullable<ModuleMetadata['imports']>;
  options: Provider;
}>;

const desk = ({ isGlobal = false, imports = [], options }: Parts): DynamicModule => ({
  module: RedressModule,
  global: isGlobal,
  imports,
  providers: [options, ...providers],
  exports: exported,
});
