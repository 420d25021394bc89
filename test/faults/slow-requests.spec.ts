import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createRedressApi, type RedressApi } from '@redress/api';
import { scopes } from '../../apps/api/src/auth/scopes';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Person, type TestApp } from '../support/app';
import { until } from '../support/until';
import { checkError } from '../support/api-document';

/*
 * Clients that send slowly, or stop. Each would hold a connection for as long as it likes, so the service keeps a
 * deadline of its own for whatever it waits for.
 */

const timeoutMs = 600;
/** On a busy machine. */
const patienceMs = 10_000;

type Raw = Readonly<{ status: number; body: string; closed: boolean; tookMs: number }>;

let service: TestApp;
let patient: TestApp;
let small: TestApp;
let host: Server;
let mounted: RedressApi;
let ana: Person;
let reader: Person;
let connection: string;
const tenant = 'acme';

beforeAll(async () => {
  service = await startTestApp({ REQUEST_TIMEOUT_MS: String(timeoutMs), IMPORT_BATCH: '1' });
  patient = await startTestApp({ REQUEST_TIMEOUT_MS: '600000' });
  small = await startTestApp({
    BODY_LIMIT_BYTES: '1024',
    BODY_MEMORY_BYTES: '4096',
    MAX_CONNECTIONS: '10',
    TRUST_PROXY: 'true',
  });
  for (const { app } of [service, patient, small]) await app.listen(0, '127.0.0.1');
  mounted = await createRedressApi({
    prefix: '/redress',
    authenticate: () => Promise.resolve({ tenant, actor: 'ana', scopes }),
    env: {
      DATABASE_URL: service.database.url,
      REQUEST_TIMEOUT_MS: String(timeoutMs),
      LOG_LEVEL: 'fatal',
      WORKERS: '0',
      NODE_ENV: 'test',
    },
  });
  // The host itself waits for ever.
  host = createServer({ requestTimeout: 0, headersTimeout: 0 }, mounted.handle).listen(0, '127.0.0.1');
  await once(host, 'listening');
  ana = service.person({ tenant });
  reader = service.person({ tenant, scopes: ['exception:read'] });
  const body = { url: 'https://hooks.acme.example/redress' };
  const made = await ana.send('PUT', '/v1/connections/WEBHOOK', { body });
  connection = String(made.body.id);
}, 60_000);

afterAll(async () => {
  await mounted.close();
  host.closeAllConnections();
  host.close();
  await patient.close();
  await small.close();
  await service.close();
});

const portOf = (server: unknown): number => ((server as Server).address() as AddressInfo).port;
const ports = (): Readonly<Record<'service' | 'mounted' | 'patient' | 'small', number>> => ({
  service: portOf(service.app.getHttpServer()),
  mounted: portOf(host),
  patient: portOf(patient.app.getHttpServer()),
  small: portOf(small.app.getHttpServer()),
});

/** Writes the bytes, and then a piece again and again; answers what came until the connection was closed. */
async function ask(
  at: keyof ReturnType<typeof ports>,
  bytes: string,
  { piece, everyMs = 100, pieces = Infinity, forMs = patienceMs }: Readonly<Partial<Trickle>> = {},
): Promise<Raw> {
  const began = performance.now();
  const socket: Socket = connect(ports()[at], '127.0.0.1').setEncoding('utf8');
  socket.on('error', () => undefined);
  let received = '';
  socket.on('data', (text: string) => (received += text));
  socket.write(bytes);
  let sent = 0;
  const trickle =
    piece !== undefined &&
    setInterval(() => {
      if (sent < pieces) socket.write(piece(sent++));
    }, everyMs);
  const closed = await Promise.race([
    once(socket, 'close').then(() => true),
    pause(forMs, false, { ref: false }),
  ]);
  if (trickle) clearInterval(trickle);
  socket.destroy();
  const [head = '', ...rest] = received.split('\r\n\r\n');
  return {
    status: Number(head.slice(9, 12)),
    body: rest.join('\r\n\r\n'),
    closed,
    tookMs: performance.now() - began,
  };
}
type Trickle = { piece: (i: number) => string; everyMs: number; pieces: number; forMs: number };

const connectionsOf = ({ app }: TestApp): Promise<number> =>
  new Promise((resolve) => app.getHttpServer().getConnections((_error, count) => resolve(count)));

const head = (route: string, headers: Readonly<Record<string, string>> = {}): string =>
  `POST ${route} HTTP/1.1\r\n${Object.entries({
    Host: 'here',
    Authorization: `Bearer ${ana.token}`,
    'Content-Type': 'application/json',
    'Content-Length': '1000',
    ...headers,
  })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
const importing = { 'Content-Type': 'application/x-ndjson' };
const line = (reason: string): string => `${JSON.stringify({ transactionId: newId(), reason })}\n`;

function expectTimeout({ status, body, closed, tookMs }: Raw): void {
  expect([status, closed]).toEqual([408, true]);
  const error = JSON.parse(body);
  expect(error.title).toBe('request_timeout');
  checkError(error);
  expect(tookMs).toBeGreaterThan(timeoutMs * 0.9);
}

describe('a request that does not arrive in time', () => {
  const refused = new Map<string, Promise<Raw>>();
  const refusedOnes: readonly [what: string, status: number, bytes: () => string][] = [
    ['of no known type', 415, () => head('/v1/exceptions', { 'Content-Type': 'text/plain' })],
    [
      'of an import without a token',
      401,
      () => head('/v1/exceptions/import', { ...importing, Authorization: 'none' }),
    ],
    ['of a read', 200, () => head('/health/live').replace('POST', 'GET')],
    ['for no route', 404, () => head('/v1/nothing')],
    ['without a token', 401, () => head('/v1/exceptions', { Authorization: 'none' })],
    ['without the scope', 403, () => head('/v1/exceptions', { Authorization: `Bearer ${reader.token}` })],
    ['to no connection', 401, () => head(`/v1/inbound/webhook/${newId()}`)],
    ['that is too large', 413, () => head('/v1/exceptions', { 'Content-Length': '99999999' })],
    ['with a key that is none', 400, () => head('/v1/exceptions', { 'X-Idempotency-Key': 'ü' })],
  ];
  const late = new Map<string, Promise<Raw>>();
  const lateOnes: readonly [what: string, bytes: () => string, trickle: Partial<Trickle>][] = [
    ['a body of which one byte came', () => `${head('/v1/exceptions')}{`, {}],
    ['a body of which nothing came', () => head('/v1/exceptions'), {}],
    ['a body that comes byte by byte', () => head('/v1/exceptions'), { piece: () => ' ' }],
    [
      'a body in chunks without an end',
      () =>
        head('/v1/exceptions', { 'Content-Length': '', 'Transfer-Encoding': 'chunked' }).replace(
          /Content-Length: \r\n/,
          '',
        ),
      { piece: () => '1\r\n \r\n' },
    ],
    ['a message of an external system', () => head(`/v1/inbound/webhook/${connection}`), {}],
    ['headers of which a part came', () => 'POST /v1/exceptions HTTP/1.1\r\nHost: he', {}],
    ['headers that come letter by letter', () => 'GET /v1/exceptions HTTP/1.1\r\nX: ', { piece: () => 'x' }],
    ['an import of which nothing came', () => head('/v1/exceptions/import', importing), {}],
    [
      'an edited export of which a part came',
      () => `${head('/v1/exceptions/bulk/apply', { 'Content-Type': 'text/csv' })}id,vers`,
      {},
    ],
  ];
  // All at once, since each is waited for.
  beforeAll(() => {
    for (const [what, bytes, trickle] of lateOnes) late.set(what, ask('service', bytes(), trickle));
    for (const [what, , bytes] of refusedOnes) refused.set(what, ask('service', bytes()));
  });

  it.each(lateOnes)('is answered 408 and the connection closed: %s', async (what) => {
    expectTimeout((await late.get(what))!);
  });

  it.each<[what: string, bytes: () => string]>([
    ['a body', () => `${head('/redress/v1/exceptions')}{`],
    ['an import', () => head('/redress/v1/exceptions/import', importing)],
  ])('is answered 408 by the API in a host that waits for ever: %s', async (_, bytes) => {
    expectTimeout(await ask('mounted', bytes()));
  });

  it('keeps the lines of an import that came, in whole batches', async () => {
    const reason = `kept ${newId()}`;
    const lines = line(reason) + line(reason);
    expectTimeout(await ask('service', head('/v1/exceptions/import', importing) + lines));
    expect((await ana.get(`/v1/exceptions?reason=${encodeURIComponent(reason)}`)).body.items).toHaveLength(2);
  });

  it.each(refusedOnes)('is answered at once, and the connection closed: a body %s', async (what, status) => {
    expect(await refused.get(what)).toMatchObject({ status, closed: true });
  });

  it('closes a connection on which nothing comes', async () => {
    expect((await ask('service', '')).closed).toBe(true);
  });
});

describe('a request that is slow, but in time', () => {
  it('may import for as long as lines keep coming', async () => {
    const reason = `slow ${newId()}`;
    const lines = Array.from({ length: 12 }, () => line(reason));
    const bytes = lines.join('').length;
    const answer = await ask(
      'service',
      head('/v1/exceptions/import', { ...importing, 'Content-Length': String(bytes), Connection: 'close' }),
      {
        piece: (i) => lines[i]!,
        pieces: lines.length,
      },
    );
    expect(answer).toMatchObject({ status: 200, closed: true });
    expect(JSON.parse(answer.body)).toMatchObject({ received: 12, raised: 12 });
    expect(answer.tookMs).toBeGreaterThan(timeoutMs);
  });

  it('would hold its connection without these deadlines', async () => {
    const held = await Promise.all(
      [`${head('/v1/exceptions')}{`, head('/v1/exceptions/import', importing), head('/v1/nothing')].map(
        (bytes) => ask('patient', bytes, { forMs: 5 * timeoutMs }),
      ),
    );
    expect(held.map(({ closed }) => closed)).toEqual([false, false, false]);
  });
});

/** A connection that is written to step by step. */
class Talk {
  received = '';
  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (text: string) => (this.received += text));
    socket.on('error', () => undefined);
  }
  static async with(at: keyof ReturnType<typeof ports>): Promise<Talk> {
    const socket = connect(ports()[at], '127.0.0.1');
    await once(socket, 'connect');
    return new Talk(socket);
  }
  async say(bytes: string, awaited: RegExp): Promise<string> {
    this.socket.write(bytes);
    while (!awaited.test(this.received)) {
      if (this.socket.closed) throw new Error(`closed after ${this.received}`);
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
    }
    return this.received;
  }
}

describe('a client that asks before it sends its body', () => {
  const expecting = { Expect: '100-continue' };

  it('is told to go on once it is known', async () => {
    const talk = await Talk.with('service');
    const body = JSON.stringify({ transactionId: newId(), reason: 'asked' });
    const length = { 'Content-Length': String(body.length) };
    await talk.say(head('/v1/exceptions', { ...expecting, ...length }), /^HTTP\/1.1 100 Continue\r\n\r\n$/);
    expect(await talk.say(body, /\}$/)).toContain('HTTP/1.1 201 Created');
    talk.socket.destroy();
  });

  it.each([
    ['without a token', { Authorization: 'none' }, 401],
    ['with too large a body', { 'Content-Length': '99999999' }, 413],
  ])('is refused without its body, and its connection closed: %s', async (_, headers, status) => {
    const answer = await ask('service', head('/v1/exceptions', { ...expecting, ...headers }));
    expect(answer).toMatchObject({ status, closed: true });
  });
});

describe('bodies that are held at a time', () => {
  /** All but one byte of it. */
  const most = (forwardedFor: string) =>
    head('/v1/exceptions', { 'X-Forwarded-For': forwardedFor }) + ' '.repeat(999);
  const refusal = /^HTTP\/1.1 503 [^]*retry-after: 1\r\n[^]*\}$/i;

  it('are bounded for one address, and for all, and free again once they are answered or broken off', async () => {
    const held: Talk[] = [];
    const hold = async (address: string): Promise<Talk> => {
      const talk = await Talk.with('small');
      held.push(talk);
      talk.socket.write(most(address));
      return talk;
    };
    for (const n of [1, 2, 3, 4]) await hold(`10.0.0.${n}`);
    const fifth = await Talk.with('small');
    const full = await fifth.say(most('10.0.0.5'), refusal);
    expect(full).toContain('Requests of all clients hold as many bytes');
    checkError(JSON.parse(full.slice(full.indexOf('{'))));
    for (const { socket } of held.splice(0, 2)) socket.destroy();
    const again = await Talk.with('small');
    expect(await again.say(most('10.0.0.3'), refusal)).toContain('Requests of your address hold');
    // Nothing is left of those that broke off, or were refused.
    const last = await hold('10.0.0.1');
    expect(await last.say(' ', /\}$/)).toContain('400 Bad Request');
    for (const { socket } of [...held, fifth, again]) socket.destroy();
  });

  it('come over a bounded number of connections', async () => {
    await until(async () => (await connectionsOf(small)) === 0);
    const talks = await Promise.all(Array.from({ length: 10 }, () => Talk.with('small')));
    await until(async () => (await connectionsOf(small)) === 10);
    const beyond = await ask('small', head('/health/live'));
    for (const { socket } of talks) socket.destroy();
    expect(beyond).toMatchObject({ status: 0, closed: true });
  });
});

describe('a client that does not take its answer', () => {
  const questions = 'GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n'.repeat(200);

  it.each([
    ['is cut off', 'service', true],
    ['would hold its connection without this deadline', 'patient', false],
  ] as const)('%s', async (_, at, closes) => {
    const app = at === 'service' ? service : patient;
    await until(async () => (await connectionsOf(app)) === 0);
    const socket = connect(ports()[at], '127.0.0.1').pause();
    socket.on('error', () => undefined);
    socket.write(questions);
    await until(async () => (await connectionsOf(app)) === 1);
    const cutOff = until(async () => (await connectionsOf(app)) === 0, closes ? patienceMs : 4 * timeoutMs);
    expect(
      await cutOff.then(
        () => true,
        () => false,
      ),
    ).toBe(closes);
    socket.destroy();
  });
});
