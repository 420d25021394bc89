import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { MountableApi } from './mountable-api';

/**
 * The API as middleware of the host's HTTP adapter. Nest makes providers before it registers its body parser, so this
 * middleware comes first and the API reads bodies by itself.
 */
export class ApiMiddleware implements OnModuleInit, BeforeApplicationShutdown {
  /** A testing module has none yet, or another one. */
  private readonly adapter: HttpAdapterHost['httpAdapter'] | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly api: MountableApi,
  ) {
    const adapter = host.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined;
    this.adapter = adapter;
    adapter?.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      if (this.isBelowPrefix(request.url)) api.handle(request, response);
      else next();
    });
  }

  /** @throws Error where the application got its adapter too late, as in a testing module: no request would arrive. */
  onModuleInit(): void {
    if (this.adapter && this.adapter === this.host.httpAdapter) return;
    throw new Error(
      'RedressHttpModule needs the HTTP adapter while providers are made: create the application with NestFactory.create(AppModule), in tests too, and not with Test.createTestingModule.',
    );
  }

  /** Before the server stops listening and data sources of the host are closed. */
  beforeApplicationShutdown(): Promise<void> {
    return this.api.close();
  }

  private isBelowPrefix(url = ''): boolean {
    const { prefix } = this.api;
    return (
      url.startsWith(prefix) && (url.length === prefix.length || '/?'.includes(url.charAt(prefix.length)))
    );
  }
}
