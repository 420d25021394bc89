import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import { ApiMiddleware } from './api-middleware';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** A host whose adapter keeps the middleware, and an API that keeps the addresses it was asked for. */
function mounted(prefix = '/redress') {
  const used: Middleware[] = [];
  const adapter = { use: (middleware: Middleware) => used.push(middleware) };
  const host = { httpAdapter: adapter } as unknown as HttpAdapterHost;
  const handled: unknown[] = [];
  let closed = 0;
  const api = {
    prefix,
    handle: ({ url }: IncomingMessage): void => {
      handled.push(url);
    },
    close: async (): Promise<void> => {
      closed++;
    },
  };
  const middleware = new ApiMiddleware(host, api);
  const goesTo = (url: string | undefined): string => {
    let target = 'the API';
    used[0]!({ url } as IncomingMessage, {} as ServerResponse, () => (target = 'the host'));
    return target;
  };
  return { host, middleware, goesTo, handled, closed: () => closed };
}

describe('an API as middleware', () => {
  it.each([
    ['/redress', 'the API'],
    ['/redress/', 'the API'],
    ['/redress/v1/exceptions?limit=1', 'the API'],
    ['/redress?limit=1', 'the API'],
    ['/redressed', 'the host'],
    ['/redress%2Fv1', 'the host'],
    ['/Redress/v1', 'the host'],
    ['/', 'the host'],
    ['', 'the host'],
    [undefined, 'the host'],
    ['/v1/redress/', 'the host'],
  ])('%s goes to %s', (url, target) => {
    const { goesTo, handled } = mounted();
    expect(goesTo(url)).toBe(target);
    expect(handled).toEqual(target === 'the API' ? [url] : []);
  });

  it('starts where the application has the adapter that it was mounted on', () => {
    expect(() => mounted().middleware.onModuleInit()).not.toThrow();
  });

  it.each([
    ['another', { use: () => undefined }],
    ['no', undefined],
  ])('does not start where the application has %s adapter by then', (_, adapter) => {
    const { host, middleware } = mounted();
    Object.assign(host, { httpAdapter: adapter });
    expect(() => middleware.onModuleInit()).toThrow('NestFactory.create');
  });

  it('closes the API before the application shuts down', async () => {
    const { middleware, closed } = mounted();
    await middleware.beforeApplicationShutdown();
    expect(closed()).toBe(1);
  });
});
