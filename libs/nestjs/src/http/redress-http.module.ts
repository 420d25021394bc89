import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { MountableApi } from './mountable-api';
import { ApiMiddleware } from './api-middleware';

/** How the host application makes the API, with providers of its own. */
export type RedressHttpAsyncOptions = Pick<ModuleMetadata, 'imports'> &
  Pick<FactoryProvider<MountableApi>, 'inject' | 'useFactory'>;

const API = Symbol('MountableApi');

/**
 * Mounts the HTTP API of a desk in a Nest application, on Express or Fastify, below `api.prefix`. Its requests do not pass the
 * guards, pipes, interceptors, filters and body parsers of the application, nor do the application's own pass those of the
 * API. Closes the API when the application shuts down: call `app.enableShutdownHooks()`, or `app.close()`.
 *
 * @example
 * RedressHttpModule.forRootAsync({
 *   inject: [DataSource, Sessions],
 *   useFactory: (dataSource: DataSource, sessions: Sessions) =>
 *     createRedressApi({ prefix: '/redress', dataSource, authenticate: (request) => sessions.callerOf(request) }),
 * })
 */
@Module({})
export class RedressHttpModule {
  /** Mounts an API that was made before the application. */
  static forRoot(api: MountableApi): DynamicModule {
    return RedressHttpModule.forRootAsync({ useFactory: () => api });
  }

  /** Mounts the API that the factory makes, with what it injects. */
  static forRootAsync({ imports = [], inject = [], useFactory }: RedressHttpAsyncOptions): DynamicModule {
    return {
      module: RedressHttpModule,
      imports,
      providers: [
        { provide: API, inject, useFactory },
        {
          provide: ApiMiddleware,
          inject: [HttpAdapterHost, API],
          useFactory: (host: HttpAdapterHost, api: MountableApi) => new ApiMiddleware(host, api),
        },
      ],
    };
  }
}
