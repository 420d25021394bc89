import { once } from 'node:events';
import { createServer, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  BadRequestException,
  Body,
  Catch,
  Controller,
  Get,
  Logger,
  Module,
  Post,
  type ArgumentsHost,
  type ExceptionFilter,
  type PipeTransform,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { RedressHttpModule } from '@redress/nestjs/http';
import type { FastifyReply } from 'fastify';
import type { Pool } from 'pg';
import { entities } from '@redress/typeorm';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { createRedressApi, type HostCaller, type RedressApi } from '@redress/api';
import { scopes } from '../../apps/api/src/auth/scopes';
import { newId } from '../../apps/api/src/ids';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { until } from '../support/until';

@Controller()
class HostController {
  @Get('v1/exceptions') list(): object {
    return { of: 'the host' };
  }
  @Post('echo') echo(@Body() body: object): object {
    return { body };
  }
  @Get('fails') fail(): never {
    throw new BadRequestException('in the words of the host');
  }
}

class HostPipe implements PipeTransform {
  transform(value: object): object {
    return { ...value, piped: true };
  }
}

@Catch()
class HostFilter implements ExceptionFilter {
  catch(error: Error, context: ArgumentsHost): void {
    void context.switchToHttp().getResponse<FastifyReply>().status(418).send({ host: error.message });
  }
}

const asked: unknown[] = [];

/** The host knows callers by a header: `tenant actor`, then scopes; or words that make it fail. */
async function authenticate({
  headers,
}: {
  headers: NodeJS.Dict<string | string[]>;
}): Promise<HostCaller | undefined> {
  const user = headers['x-host-user'];
  asked.push(user);
  if (typeof user !== 'string') return undefined;
  if (user === 'broken') throw new BadRequestException('the sessions of the host are away');
  const [tenant = '', actor = '', ...granted] = user.split(' ');
  return { tenant, actor, scopes: granted.length ? granted : scopes };
}

let database: FreshDatabase;
let dataSource: DataSource;
const lines: string[] = [];
const env = { LOG_LEVEL: 'info', WORKERS: '1', BODY_LIMIT_BYTES: '4096', NODE_ENV: 'test' };
const apiUnder = (prefix: string, over: Readonly<Record<string, string>> = {}): Promise<RedressApi> =>
  createRedressApi({
    prefix,
    authenticate,
    dataSource,
    env: { ...env, ...over },
    logs: { write: (line) => lines.push(line) },
  });

type Host = Readonly<{ app: NestFastifyApplication; url: string; seen: string[]; said: string[] }>;

async function startHost(make: () => Promise<RedressApi>): Promise<Host> {
  @Module({ imports: [RedressHttpModule.forRootAsync({ useFactory: make })], controllers: [HostController] })
  class HostModule {}
  const said: string[] = [];
  const say = (message: unknown): number => said.push(String(message));
  const logger = { log: say, warn: say, error: say, fatal: say };
  const app = await NestFactory.create<NestFastifyApplication>(HostModule, new FastifyAdapter(), { logger });
  app.useGlobalPipes(new HostPipe());
  app.useGlobalFilters(new HostFilter());
  const seen: string[] = [];
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', async ({ url }) => void seen.push(url));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}`, seen, said };
}

const tenant = `tenant-${newId()}`;
const ana = { 'x-host-user': `${tenant} ana@example.com` };
const json = { ...ana, 'content-type': 'application/json' };
const report = (): string => JSON.stringify({ transactionId: newId(), reason: 'Amount mismatch detected' });

/** An import of which the API has read the caller, and waits for the rest. */
async function beginUpload(url: string): Promise<ClientRequest> {
  const user = `${tenant} uploader-${newId()}`;
  const upload = httpRequest(`${url}/redress/v1/exceptions/import`, {
    method: 'POST',
    headers: { 'x-host-user': user, 'content-type': 'application/x-ndjson' },
  });
  upload.on('error', () => undefined);
  upload.write(`${report()}\n`);
  await until(() => asked.includes(user));
  return upload;
}

beforeAll(async () => {
  database = await freshDatabase();
  const { hostname, port, username, password, pathname } = new URL(database.url);
  dataSource = await new DataSource({
    type: 'postgres',
    ...{ host: hostname, port: Number(port), username, password: decodeURIComponent(password) },
    database: pathname.slice(1),
    poolSize: 5,
    entities: [...entities],
  }).initialize();
}, 60_000);
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

describe('an API in a host application', () => {
  let host: Host;
  const get = (path: string, headers: Record<string, string> = ana) => fetch(host.url + path, { headers });
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(host.url + path, { method: 'POST', headers: { ...json, ...headers }, body });
  const pageAt = async (path: string) =>
    (await (await get(path)).json()) as { items: { id: string }[]; nextCursor: string };
  const raise = async (): Promise<{ id: string; version: number }> =>
    (await post('/redress/v1/exceptions', report())).json() as Promise<{ id: string; version: number }>;

  beforeAll(async () => (host = await startHost(() => apiUnder('/redress'))), 60_000);
  afterAll(() => host.app.close());

  it('leaves the routes of the host alone, and their body parser, pipes and filters', async () => {
    expect(await (await get('/v1/exceptions')).json()).toEqual({ of: 'the host' });
    expect(await (await post('/echo', '{"a":1}')).json()).toEqual({ body: { a: 1, piped: true } });
    const failed = await get('/fails');
    expect([failed.status, await failed.json()]).toEqual([418, { host: 'in the words of the host' }]);
  });

  it('is below its prefix, and nowhere else', async () => {
    expect((await get('/redress/v1/exceptions')).status).toBe(200);
    for (const path of ['/redress', '/redress/', '/redress?a=1', '/redress/v2', '/redress//v1/exceptions']) {
      const answer = await get(path);
      expect([path, answer.status, await answer.json()]).toEqual([
        path,
        404,
        expect.objectContaining({
          code: '404',
          title: 'route_not_found',
          message: expect.stringContaining('; /redress/docs lists'),
        }),
      ]);
    }
    for (const path of ['/redressed/v1/exceptions', '/Redress/v1/exceptions', '/v1/exceptions/summary'])
      expect([path, (await get(path)).status]).toEqual([path, 418]);
  });

  it('raises, and says where', async () => {
    const raised = await post('/redress/v1/exceptions', report());
    const { id } = (await raised.json()) as { id: string };
    const location = raised.headers.get('location');
    expect([raised.status, location]).toEqual([201, `/redress/v1/exceptions/${id}`]);
    expect(await (await get(location!)).json()).toMatchObject({ id, status: 'OPEN' });
  });

  it('lists by pages, whose cursors hold below the prefix', async () => {
    for (let i = 0; i < 3; i++) await raise();
    const first = await pageAt('/redress/v1/exceptions?limit=2');
    const cursor = encodeURIComponent(first.nextCursor);
    const second = await pageAt(`/redress/v1/exceptions?limit=2&cursor=${cursor}`);
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  it('takes a command once for its key', async () => {
    const { id } = await raise();
    const key = { 'x-idempotency-key': newId() };
    const send = () => post(`/redress/v1/exceptions/${id}/assign`, '{"assignee":"ana@example.com"}', key);
    const [one, again] = [await send(), await send()];
    expect([one.status, again.status]).toEqual([200, 200]);
    expect([one, again].map(({ headers }) => headers.get('x-idempotency-replayed'))).toEqual([
      'false',
      'true',
    ]);
    expect(await again.text()).toBe(await one.text());
  });

  it('stores settings through the entities of the host', async () => {
    const reasons = JSON.stringify({
      commands: { force_match: 'free_text', adjust_entry: 'free_text', resolve: 'free_text' },
    });
    const put = await fetch(`${host.url}/redress/v1/reason-codes`, {
      method: 'PUT',
      headers: json,
      body: reasons,
    });
    expect([put.status, (await get('/redress/v1/reason-codes')).status]).toEqual([200, 200]);
  });

  it('compares versions', async () => {
    const { id } = await raise();
    const etag = (await get(`/redress/v1/exceptions/${id}`)).headers.get('etag')!;
    const assign = () =>
      post(`/redress/v1/exceptions/${id}/assign`, '{"assignee":"ana@example.com"}', { 'if-match': etag });
    expect([(await assign()).status, (await assign()).status]).toEqual([200, 412]);
  });

  it('imports and exports streams, of more bytes than a body may have', async () => {
    const file = Array.from({ length: 200 }, report).join('\n');
    const imported = await post('/redress/v1/exceptions/import', file, {
      'content-type': 'application/x-ndjson',
    });
    expect(await imported.json()).toMatchObject({ raised: 200, rejected: 0 });
    const exported = await get('/redress/v1/exceptions/export?format=ndjson');
    expect((await exported.text()).split('\n').length).toBeGreaterThan(200);
    const tooLarge = await post('/redress/v1/exceptions', JSON.stringify({ reason: 'x'.repeat(5000) }));
    expect([tooLarge.status, await tooLarge.json()]).toEqual([
      413,
      expect.objectContaining({
        message: 'The body is too large; send files of any size to /redress/v1/exceptions/import.',
      }),
    ]);
  });

  it.each([
    ['nobody', undefined, 401, 'unauthorized'],
    ['a tenant with a blank', `a\u00e9 ana`, 401, 'unauthorized'],
    ['no actor', tenant, 401, 'unauthorized'],
    ['an error of the host', 'broken', 503, 'service_unavailable'],
    ['too few scopes', `${tenant} ana comment:write`, 403, 'insufficient_scope'],
  ])('where the host says %s, answers as the contract does', async (_, user, status, title) => {
    const answer = await get('/redress/v1/exceptions', user === undefined ? {} : { 'x-host-user': user });
    expect([answer.status, await answer.json()]).toEqual([
      status,
      expect.objectContaining({ code: String(status), title }),
    ]);
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
    expect(answer.headers.has('www-authenticate')).toBe(status !== 503);
  });

  it('serves what is public without asking the host', async () => {
    for (const path of ['/redress/health/live', '/redress/metrics', '/redress/openapi.json', '/redress/docs'])
      expect([path, (await get(path, {})).status]).toEqual([path, 200]);
  });

  it('describes itself with the prefix as its server', async () => {
    const document = (await (await get('/redress/openapi.json')).json()) as {
      servers: object;
      paths: object;
    };
    expect(document.servers).toEqual([{ url: '/redress' }]);
    expect(document.paths).toHaveProperty(['/v1/exceptions', 'post']);
    const page = await (await get('/redress/docs')).text();
    const assets = [...page.matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(([, asset]) => asset!);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      const { pathname } = new URL(asset, `${host.url}/redress/docs`);
      expect([asset, (await get(pathname)).status]).toEqual([asset, 200]);
    }
  });

  it('shows the host the addresses that were asked for, and logs its own routes', async () => {
    const { id } = await raise();
    const path = `/redress/v1/exceptions/${id}?a=1`;
    await get(path);
    await until(() => host.seen.includes(path));
    expect(host.seen.filter((url) => !url.startsWith('/redress') && url.includes(id))).toEqual([]);
    await until(() => lines.some((line) => line.includes('"route":"/v1/exceptions/:exceptionId"')));
  });

  it('runs background jobs on connections beside the pool of the host', async () => {
    const inPool = () => ((dataSource.driver as PostgresDriver).master as Pool).totalCount;
    const sessions = async () =>
      (
        await dataSource.query<object[]>(
          'SELECT pid FROM pg_stat_activity WHERE datname = current_database()',
        )
      ).length;
    await until(async () => (await sessions()) > inPool());
    expect(lines.filter((line) => line.includes('background work'))).toEqual([]);
  });

  it('leaves the logger of the host in its place', () => {
    const before = host.said.length;
    new Logger('host').warn('still heard');
    expect(host.said.slice(before)).toEqual(['still heard']);
  });
});

describe('an answer that was kept for a key', () => {
  it('is given again under another prefix, with the addresses of that one', async () => {
    const key = newId();
    const body = report();
    const answers: Response[] = [];
    for (const prefix of ['/one', '/another/place']) {
      const host = await startHost(() => apiUnder(prefix));
      const headers = { ...json, 'x-idempotency-key': key };
      answers.push(await fetch(`${host.url}${prefix}/v1/exceptions`, { method: 'POST', headers, body }));
      await host.app.close();
    }
    const [first, second] = await Promise.all(
      answers.map(async ({ headers, json }, i) => ({
        replayed: headers.get('x-idempotency-replayed'),
        location: headers.get('location'),
        ...((await json.call(answers[i])) as { id: string }),
      })),
    );
    expect(first).toMatchObject({ replayed: 'false', location: `/one/v1/exceptions/${first!.id}` });
    expect(second).toEqual({
      ...first,
      replayed: 'true',
      location: `/another/place/v1/exceptions/${first!.id}`,
    });
  }, 60_000);
});

describe('a cursor', () => {
  it('holds under another prefix', async () => {
    const secret = { CURSOR_SECRET: 'a secret of the cursors that only tests know' };
    const pages: { items: { id: string }[]; nextCursor: string }[] = [];
    for (const prefix of ['/one', '/another']) {
      const { app, url } = await startHost(() => apiUnder(prefix, secret));
      const after = pages[0] ? `&cursor=${encodeURIComponent(pages[0].nextCursor)}` : '';
      const answer = await fetch(`${url}${prefix}/v1/exceptions?limit=1${after}`, { headers: ana });
      pages.push((await answer.json()) as (typeof pages)[number]);
      await app.close();
    }
    expect(new Set(pages.flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(2);
  }, 60_000);
});

describe('a host that shuts down', () => {
  it('waits for requests that have begun, and closes its own data source itself', async () => {
    const host = await startHost(() => apiUnder('/redress'));
    const upload = await beginUpload(host.url);
    const answered = once(upload, 'response') as Promise<[IncomingMessage]>;
    const closed = host.app.close();
    upload.end(`${report()}\n`);
    const [answer] = await answered;
    answer.resume();
    await closed;
    expect(answer.statusCode).toBe(200);
    expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  }, 60_000);

  it('goes on after an upload that was broken off, and does not wait for it', async () => {
    const host = await startHost(() => apiUnder('/redress', { SHUTDOWN_GRACE_MS: '600000' }));
    const upload = await beginUpload(host.url);
    upload.destroy();
    expect((await fetch(`${host.url}/redress/v1/exceptions`, { headers: ana })).status).toBe(200);
    await host.app.close();
  }, 60_000);

  it('answers 503 while it waits', async () => {
    const api = await apiUnder('/redress');
    const server = createServer((request, response) => api.handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/redress`;
    await api.close();
    const answer = await fetch(`${url}/health/live`);
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ title: 'service_unavailable' }),
    ]);
    server.close();
  }, 60_000);
});

describe('a host that makes a mistake', () => {
  const options = {
    prefix: '/redress',
    authenticate,
    env: { ...env, DATABASE_URL: 'postgres://localhost/none' },
  };

  it.each([
    ['no prefix', { ...options, prefix: '' }, 'prefix must be'],
    ['a slash at the end', { ...options, prefix: '/redress/' }, 'prefix must be'],
    ['no database', { ...options, env }, 'DATABASE_URL is not set'],
    ['a wrong variable', { ...options, env: { ...options.env, WORKERS: 'many' } }, 'WORKERS must be'],
    [
      'a data source that is not open',
      { ...options, dataSource: new DataSource({ type: 'postgres', url: 'postgres://localhost/none' }) },
      'dataSource is not initialized',
    ],
  ])('is told of %s', async (_, given, message) => {
    await expect(createRedressApi(given)).rejects.toThrow(message);
  });

  it('is told of a data source without the entities of the desk', async () => {
    const bare = await new DataSource({ type: 'postgres', url: database.url, poolSize: 2 }).initialize();
    await expect(createRedressApi({ ...options, dataSource: bare })).rejects.toThrow(
      'lacks entities of @redress/typeorm',
    );
    await bare.destroy();
  });

  it('is told of a body that was read before', async () => {
    const api = await createRedressApi({ ...options, env: { ...env, DATABASE_URL: database.url } });
    const server = createServer((request, response) => {
      request.on('data', () => undefined).on('end', () => api.handle(request, response));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/redress/v1/exceptions`;
    const answer = await fetch(url, { method: 'POST', headers: json, body: report() });
    expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([
      500,
      expect.stringContaining('mount the API before body parsers'),
    ]);
    server.close();
    await api.close();
  }, 60_000);
});
