import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { readConfig } from '../../apps/api/src/config/config';
import { newId } from '../../apps/api/src/ids';
import { secret, startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { apiRoutes, type ApiDocument, type Route } from '../support/api-document';
import { lookUntil } from '../support/until';

const running = new Set<TestApp>();
async function start(...options: Parameters<typeof startTestApp>): Promise<TestApp> {
  const service = await startTestApp(...options);
  running.add(service);
  return service;
}
const stop = async (service: TestApp): Promise<void> => {
  if (running.delete(service)) await service.close();
};
afterAll(async () => {
  for (const service of running) await stop(service);
}, 30_000);

/** Works on the database of a service, from outside. */
async function asOwner<T>(
  service: TestApp,
  work: (client: Client) => Promise<T>,
  database?: string,
): Promise<T> {
  const url = new URL(service.database.url);
  if (database) url.pathname = `/${database}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const nameOf = (service: TestApp): string => new URL(service.database.url).pathname.slice(1);

/** Ends every connection that the service has. */
const endConnections = (service: TestApp): Promise<number> =>
  asOwner(
    service,
    async (client) =>
      (
        await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
          nameOf(service),
        ])
      ).rowCount ?? 0,
    'postgres',
  );

/** The service on a port, as in production. */
async function listen(service: TestApp): Promise<number> {
  await service.app.listen(0, '127.0.0.1');
  return (service.app.getHttpServer().address() as AddressInfo).port;
}

/** Sends over a real socket. */
function overSocket(port: number, person: Person, method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' };
  const sent = request({ host: '127.0.0.1', port, method, path, headers });
  sent.end(body && JSON.stringify(body));
  return once(sent, 'response').then(async ([answer]: IncomingMessage[]) => {
    const chunks: Buffer[] = [];
    for await (const chunk of answer!) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return { status: answer!.statusCode, body: JSON.parse(text) as Record<string, unknown> };
  });
}

describe('a service that runs', () => {
  const logged: string[] = [];
  let service: TestApp;
  let ana: Person;
  beforeAll(async () => {
    service = await start({ LOG_LEVEL: 'trace' }, { write: (line) => logged.push(line) });
    ana = service.person();
  }, 60_000);

  it.each(['live', 'ready'])('says that it is %s, to any caller', async (what) => {
    const { status, body, headers } = await service.send('GET', `/health/${what}`);
    expect([status, body, headers['cache-control']]).toEqual([200, { status: 'up' }, 'no-store']);
  });

  it('counts its traffic', async () => {
    const { id } = await ana.raise();
    const key = { 'idempotency-key': newId() };
    for (let i = 0; i < 3; i++)
      await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' }, key);
    await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' });
    await ana.post(`/v1/exceptions/${newId()}/unassign`);
    await service.send('GET', `/no-such-route/${newId()}`);
    const raw = `${JSON.stringify({ transactionId: newId(), reason: 'one' })}\n{}\n`;
    const headers = { 'content-type': 'application/x-ndjson' };
    await ana.send('POST', '/v1/exceptions/import', { headers, raw });
    const { status, text, headers: answered } = await service.send('GET', '/metrics');
    expect([status, answered['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
    const value = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')
          .at(-1),
      );
    expect(value('redress_refusals_total{code="not_allowed"}')).toBe(1);
    expect(value('redress_refusals_total{code="not_found"}')).toBe(1);
    expect(value('redress_replays_total')).toBe(2);
    expect(value('redress_import_rows_total{outcome="raised"}')).toBe(1);
    expect(value('redress_import_rows_total{outcome="rejected"}')).toBe(1);
    expect(value('redress_import_rows_total{outcome="seen_again"}')).toBe(0);
    const route = (path: string, code: number) =>
      `redress_http_requests_total{method="POST",route="/v1/exceptions${path}",status="${code}"}`;
    expect(value(route('', 201))).toBe(1);
    expect(value(route('/:exceptionId/resolve', 200))).toBe(3);
    expect(value(route('/:exceptionId/resolve', 422))).toBe(1);
    expect(text).toMatch(/^redress_http_requests_total\{method="GET",route="unmatched",status="404"\} 1$/m);
    expect(text).toMatch(
      /^redress_http_request_seconds_count\{.*route="\/v1\/exceptions\/:exceptionId\/resolve".*\} 4$/m,
    );
    for (const state of ['total', 'idle', 'waiting'])
      expect(value(`redress_pg_pool_connections{state="${state}"}`)).toBeGreaterThanOrEqual(0);
    expect(value('redress_commit_retries_total')).toBe(0);
    expect(text).toContain('process_resident_memory_bytes');
    // Nothing that a caller wrote becomes a label.
    for (const written of [id, ana.tenant, ana.actor, 'no-such-route']) expect(text).not.toContain(written);
  });

  it('can be told to keep its metrics to itself', async () => {
    const silent = await start({ METRICS: 'off' });
    expect((await silent.send('GET', '/metrics')).status).toBe(404);
    await stop(silent);
  });

  it.each(['order-7:retry.2', 'A'.repeat(128)])(
    'answers under the request id it was given: %s',
    async (id) => {
      const { headers } = await ana.get('/v1/exceptions', { headers: { 'x-request-id': id } });
      expect(headers['x-request-id']).toBe(id);
      expect(
        logged.filter((line) => (JSON.parse(line) as { requestId?: string }).requestId === id),
      ).not.toEqual([]);
    },
  );

  it.each([undefined, '', 'two words', 'A'.repeat(129), '<script>', 'x\u00e9'])(
    'makes up a request id where it was given %j',
    async (id) => {
      const headers = id === undefined ? {} : { 'x-request-id': id };
      for (const path of ['/health/live', '/v1/exceptions', '/nowhere']) {
        const answer = await service.send('GET', path, { headers });
        expect(answer.headers['x-request-id']).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }
    },
  );

  it('never writes to its log what is secret, or what callers wrote, even at its most talkative', async () => {
    const canary = `canary${newId().replaceAll('-', '')}`;
    const key = { 'idempotency-key': canary, cookie: `session=${canary}`, 'x-api-key': canary };
    const { id } = await ana.raise({ reason: canary, metadata: { [canary]: canary }, source: canary });
    await ana.post(`/v1/exceptions/${id}/assign`, { assignee: canary }, key);
    await ana.post(`/v1/exceptions/${id}/force-match`, { overrideReason: canary, notes: canary }, key);
    await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: canary, [canary]: canary });
    await ana.send('POST', '/v1/exceptions', {
      raw: `{"${canary}`,
      headers: { 'content-type': 'application/json' },
    });
    await ana.send('POST', '/v1/exceptions/import', {
      raw: `${canary}\n{"reason":"${canary}"}`,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    await ana.get(`/v1/exceptions?q=${canary}&cursor=${canary}`);
    await service.send('GET', `/v1/exceptions?access_token=${canary}`, {
      headers: { authorization: `Bearer ${canary}.${canary}.${canary}` },
    });
    await service.send('GET', '/v1/exceptions', { headers: { authorization: `Basic ${canary}` } });
    const log = logged.join('');
    expect(logged.length).toBeGreaterThan(20);
    for (const word of [
      canary,
      ana.token,
      ana.token.split('.')[2]!,
      secret,
      new URL(service.database.url).password || secret,
    ])
      expect([word, log.split('\n').filter((line) => line.includes(word))]).toEqual([word, []]);
    // Not because it says nothing: at this level it names who asked.
    expect(log).toContain(ana.tenant);
    expect(log).toContain('/v1/exceptions/:exceptionId/force-match');
  });

  describe('that has to say no', () => {
    const failures: [string, number, string, () => Promise<Answer>][] = [];
    const fails = (
      status: number,
      title: string,
      ask: (headers: Record<string, string>) => Promise<Answer>,
    ) => {
      for (const accept of [
        'application/json',
        'application/problem+json',
        'text/html, application/problem+json;q=0.5',
      ])
        failures.push([`${status} ${title} as ${accept}`, status, accept, () => ask({ accept })]);
    };
    fails(400, 'invalid_request', (headers) => ana.get('/v1/exceptions?limit=0', { headers }));
    fails(401, 'unauthorized', (headers) => service.send('GET', '/v1/exceptions', { headers }));
    fails(404, 'not_found', (headers) => ana.get(`/v1/exceptions/${newId()}`, { headers }));
    fails(404, 'route_not_found', (headers) => ana.get('/v1/nothing', { headers }));
    fails(405, 'method_not_allowed', (headers) => ana.send('DELETE', '/v1/exceptions', { headers }));
    fails(413, 'payload_too_large', (headers) =>
      ana.post('/v1/exceptions', { reason: 'x'.repeat(1_048_577) }, headers),
    );
    fails(415, 'unsupported_media_type', (headers) =>
      ana.send('POST', '/v1/exceptions', {
        headers: { ...headers, 'content-type': 'text/xml' },
        raw: '<x/>',
      }),
    );

    it.each(failures)('tells %s', async (name, status, accept, ask) => {
      const title = name.split(' ')[1];
      const answer = await ask();
      expect(answer.status).toBe(status);
      const { body, headers } = answer;
      if (accept === 'application/json') {
        expect(headers['content-type']).toBe('application/json; charset=utf-8');
        expect(body).toMatchObject({ code: String(status), title, message: expect.stringMatching(/\.$/) });
        expect(body.error).toBe(body.message);
      } else {
        expect(headers['content-type']).toMatch(/^application\/problem\+json\b/);
        expect(body).toMatchObject({
          type: `urn:redress:problem:${title}`,
          title,
          status,
          detail: expect.stringMatching(/\.$/),
        });
        expect(
          Object.keys(body).filter(
            (name) => !['type', 'title', 'status', 'detail', 'details'].includes(name),
          ),
        ).toEqual([]);
      }
      expect(headers['x-request-id']).toBeDefined();
      expect(answer.text).not.toMatch(/node_modules|\bat .*:\d+|SELECT|Error:/);
    });

    it('gives the same facts in both shapes', async () => {
      const { id } = await ana.raise();
      const ask = (accept: string) =>
        ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'A' }, { accept, 'if-match': '"7"' });
      const [plain, problem] = [await ask('*/*'), await ask('application/problem+json')];
      expect([plain.status, plain.body.details]).toEqual([412, { expected: 7, actual: 1 }]);
      expect([problem.body.detail, problem.body.details]).toEqual([plain.body.message, plain.body.details]);
    });
  });

  it('keeps every answer of the API out of caches, and none of its reference', async () => {
    const document = (await service.send('GET', '/openapi.json')).body as ApiDocument;
    const cached: string[] = [];
    const look = async (person: Pick<Person, 'send'>, method: Route['method'], path: string) => {
      const { status, headers } = await person.send(
        method,
        path.replace(/\{\w+\}/g, () => newId()),
      );
      if (headers['cache-control'] !== 'no-store') cached.push(`${method} ${path}: ${status}`);
    };
    const routes = apiRoutes(document);
    for (const { method, path } of routes)
      for (const person of [ana, service]) await look(person, method, path);
    await look(service, 'GET', '/v1/nothing');
    expect(cached).toEqual([]);
    expect(routes.length).toBeGreaterThan(60);
    for (const path of ['/openapi.json', '/openapi.yaml', '/docs', '/docs/swagger-ui.css'])
      expect((await service.send('GET', path)).headers['cache-control']).not.toBe('no-store');
  });
});

describe('a service that is told to stop', () => {
  /** A request that is held up in the database until the one who holds it lets go. */
  async function heldUp(service: TestApp, port: number, person: Person) {
    const { id } = await person.raise();
    const holder = new Client({ connectionString: service.database.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM exception WHERE id = $1 FOR UPDATE', [id]);
    const answer = overSocket(port, person, 'POST', `/v1/exceptions/${id}/resolve`, {
      resolution: 'ACCEPTED',
    });
    const waits = () =>
      holder.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
    for (let patience = 100; (await waits()).rowCount === 0 && patience > 0; patience--) await pause(20);
    return { answer, letGo: () => holder.query('COMMIT').then(() => holder.end()) };
  }

  it('finishes what it has begun, and takes nothing new', async () => {
    const service = await start();
    const ana = service.person();
    const port = await listen(service);
    const { answer, letGo } = await heldUp(service, port, ana);
    let closed = false;
    const closing = service.app.close().then(() => (closed = true));
    await pause(300);
    expect(closed).toBe(false);
    await expect(overSocket(port, ana, 'GET', '/health/live')).rejects.toThrow();
    await letGo();
    expect(await answer).toMatchObject({ status: 200, body: { status: 'RESOLVED' } });
    await closing;
    running.delete(service);
    await service.database.drop();
  }, 30_000);

  it('finishes a request that still has to ask the database several times', async () => {
    const service = await start({ IMPORT_BATCH: '1' });
    const ana = service.person();
    const port = await listen(service);
    const sent = request({
      ...{ host: '127.0.0.1', port, method: 'POST', path: '/v1/exceptions/import' },
      headers: { authorization: `Bearer ${ana.token}`, 'content-type': 'application/x-ndjson' },
    });
    const line = () => `${JSON.stringify({ transactionId: newId(), reason: 'Missing in ledger' })}\n`;
    sent.write(line());
    await lookUntil(
      () => ana.get('/v1/exceptions'),
      ({ body }) => body.items.length > 0,
    );
    const answering = once(sent, 'response') as Promise<IncomingMessage[]>;
    const closing = service.app.close();
    await pause(200);
    sent.end(line() + line());
    const [answer] = await answering;
    const chunks: Buffer[] = [];
    for await (const chunk of answer!) chunks.push(chunk as Buffer);
    expect([answer!.statusCode, JSON.parse(Buffer.concat(chunks).toString())]).toEqual([
      200,
      { received: 3, raised: 3, seenAgain: 0, rejected: 0, rejectedLines: [] },
    ]);
    await closing;
    running.delete(service);
    await service.database.drop();
  }, 30_000);
});

describe('a service that loses its database', () => {
  it('survives the end of its idle connections, and of one in use', async () => {
    const service = await start();
    const ana = service.person();
    const { id } = await ana.raise();
    await Promise.all(Array.from({ length: 8 }, () => ana.get(`/v1/exceptions/${id}`)));
    expect(await endConnections(service)).toBeGreaterThan(1);
    const answer = await lookUntil(
      () => ana.get(`/v1/exceptions/${id}`),
      ({ status }) => status === 200,
    );
    expect(answer.status).toBe(200);
    expect((await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' })).status).toBe(200);
    expect((await service.send('GET', '/health/ready')).status).toBe(200);
    await stop(service);
  }, 30_000);

  it('says so with 503 while it is shut, and goes on by itself when it is open again', async () => {
    const service = await start();
    const ana = service.person();
    const { id } = await ana.raise();
    const allow = (yes: boolean) =>
      asOwner(
        service,
        (client) => client.query(`ALTER DATABASE ${nameOf(service)} ALLOW_CONNECTIONS ${yes}`),
        'postgres',
      );
    await allow(false);
    await endConnections(service);
    const asked = [
      () => ana.get(`/v1/exceptions/${id}`),
      () => ana.get('/v1/exceptions'),
      () =>
        ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' }, { 'idempotency-key': newId() }),
      () => service.send('GET', '/health/ready'),
    ];
    for (const ask of asked) {
      const { status, body, headers } = await ask();
      expect([status, body.title, headers['retry-after']]).toEqual([503, 'service_unavailable', '1']);
      expect(JSON.stringify(body)).not.toContain(nameOf(service));
    }
    expect((await service.send('GET', '/health/live')).status).toBe(200);
    await allow(true);
    const back = await lookUntil(
      () => ana.get(`/v1/exceptions/${id}`),
      ({ status }) => status === 200,
    );
    expect(back.body).toMatchObject({ status: 'OPEN', version: 1 });
    expect((await service.send('GET', '/health/ready')).status).toBe(200);
    expect((await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' })).status).toBe(200);
    await stop(service);
  }, 60_000);

  it('says so with 503 when it is gone for good', async () => {
    const service = await start();
    const ana = service.person();
    await service.database.drop();
    const { status, body, headers } = await ana.get('/v1/exceptions');
    expect([status, body.title, headers['retry-after']]).toEqual([503, 'service_unavailable', '1']);
    running.delete(service);
    await service.app.close();
  }, 30_000);
});

describe('a service that is configured wrongly', () => {
  const sound = { DATABASE_URL: 'postgres://localhost/redress', JWT_SECRET: secret };
  it.each([
    [{ PORT: '80000' }, 'PORT must be a whole number from 0 to 65535, not "80000".'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of'],
    [{ DATABASE_URL: '' }, 'DATABASE_URL is not set'],
    [{ DATABASE_URL: 'mysql://localhost/x' }, 'DATABASE_URL must be'],
    [{ JWT_SECRET: 'short' }, 'JWT_SECRET must be a secret of at least 32 bytes'],
    [{ JWT_JWKS_URL: 'https://issuer.example/jwks' }, 'JWT_SECRET and JWT_JWKS_URL are both set'],
    [{ NODE_ENV: 'production', JWT_SECRET: '' }, 'Neither JWT_SECRET nor JWT_JWKS_URL is set'],
    [{ SEVERITY_RULES: '[{"severity":"URGENT"}]' }, 'SEVERITY_RULES must be'],
    [{ DUE_HOURS: '{"LOW":1}' }, 'DUE_HOURS must be'],
  ])('does not start with %j, and says why', (env, sentence) => {
    const read = readConfig({ ...sound, ...env });
    expect(read.ok ? [] : read.problems).toEqual([expect.stringContaining(sentence)]);
    for (const problem of read.ok ? [] : read.problems) expect(problem).toMatch(/\.$/);
  });

  it('is told everything at once, without its secrets', () => {
    const read = readConfig({ ...sound, PORT: 'x', HOST: '!', JWT_SECRET: 'hunter2' });
    expect(read.ok ? [] : read.problems).toHaveLength(3);
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });

  it('would have started', () => {
    expect(readConfig(sound)).toMatchObject({ ok: true });
  });
});
