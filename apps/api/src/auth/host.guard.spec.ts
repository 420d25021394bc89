import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '../problems/problem';
import { Public } from './auth.guard';
import { HostGuard, type Authenticate, type HostCaller } from './host.guard';

class Routes {
  @Public() open(): void {
    return;
  }
  closed(): void {
    return;
  }
}

/** What the guard leaves of a request that the host answers about in this way: its caller, or status and message. */
async function outcome(authenticate: Authenticate, route: keyof Routes = 'closed') {
  const logged: unknown[] = [];
  const request: { user?: unknown; raw: object; log: object } = {
    raw: { headers: {} },
    log: { error: ({ err }: { err: unknown }) => logged.push(err) },
  };
  const context = {
    getHandler: () => Routes.prototype[route],
    getClass: () => Routes,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  try {
    await new HostGuard(new Reflector(), authenticate, 20).canActivate(context);
    return { caller: request.user, logged };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { refused: [error.status, error.message], headers: error.headers, logged };
  }
}

const ana: HostCaller = { tenant: 'acme', actor: 'ana@example.com', scopes: ['exception:read'] };

describe('a request that the host authenticates', () => {
  it.each<[string, Authenticate]>([
    ['at once', () => ana],
    ['later', async () => ana],
    ['with scopes in a set', () => ({ ...ana, scopes: new Set(ana.scopes) })],
  ])('has the caller that is named %s', async (_, authenticate) => {
    const { caller, logged } = await outcome(authenticate);
    expect(caller).toEqual({ ...ana, scopes: new Set(['exception:read']) });
    expect(logged).toEqual([]);
  });

  it.each<[string, HostCaller | undefined, string]>([
    ['no caller', undefined, 'Nothing in the request says who calls.'],
    ['a tenant with a slash', { ...ana, tenant: 'a/b' }, 'The tenant must be a text of 1 to 128'],
    ['an empty tenant', { ...ana, tenant: '' }, 'The tenant must be a text of 1 to 128'],
    ['a blank actor', { ...ana, actor: ' ' }, 'The claim sub'],
    ['a long actor', { ...ana, actor: 'a'.repeat(256) }, 'The claim sub'],
    ['scopes that are no texts', { ...ana, scopes: [1] as never }, 'must be an array of texts'],
  ])('is refused with 401 for %s', async (_, named, message) => {
    const { refused, headers } = await outcome(() => named);
    expect(refused).toEqual([401, expect.stringContaining(message)]);
    expect(headers).toHaveProperty('www-authenticate');
  });

  it.each<[string, Authenticate, string]>([
    [
      'throws',
      () => {
        throw Object.assign(new Error('no sessions'), { statusCode: 401 });
      },
      'no sessions',
    ],
    ['rejects', async () => Promise.reject(new Error('no sessions')), 'no sessions'],
    ['never answers', () => new Promise(() => undefined), 'did not say who calls within 20 ms'],
  ])('is answered 503 where the host %s, and the log says why', async (_, authenticate, reason) => {
    const { refused, headers, logged } = await outcome(authenticate);
    expect([refused?.[0], headers]).toEqual([503, { 'retry-after': '1' }]);
    expect(logged.map((error) => (error as Error).message)).toEqual([expect.stringContaining(reason)]);
  });

  it('is a bug of the host where scopes are missing', async () => {
    await expect(outcome(() => ({ ...ana, scopes: undefined as never }))).rejects.toThrow(TypeError);
  });

  it('is not asked about on a public route', async () => {
    const asked: unknown[] = [];
    const authenticate: Authenticate = (request) => {
      asked.push(request);
      return undefined;
    };
    expect(await outcome(authenticate, 'open')).toEqual({ caller: undefined, logged: [] });
    expect(asked).toEqual([]);
  });
});
