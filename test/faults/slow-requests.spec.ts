import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createRedressApi, type RedressApi } from '@redress/api';
import { scopes } from '../../apps/api/src/auth/scopes';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Person, type TestApp } from '../support/app';
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
let host: Server;
let mounted: RedressApi;
let ana: Person;
const tenant = 'acme';

beforeAll(async () => {
  service = await startTestApp({ REQUEST_TIMEOUT_MS: String(timeoutMs), IMPORT_BATCH: '1' });
  patient = await startTestApp({ REQUEST_TIMEOUT_MS: '600000' });
  for (const { app } of [service, patient]) await app.listen(0, '127.0.0.1');
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
}, 60_000);

afterAll(async () => {
  await mounted.close();
  host.closeAllConnections();
  host.close();
  await patient.close();
  await service.close();
});

const portOf = (server: unknown): number => ((server as Server).address() as AddressInfo).port;
const ports = (): Readonly<Record<'service' | 'mounted' | 'patient', number>> => ({
  service: portOf(service.app.getHttpServer()),
  mounted: portOf(host),
  patient: portOf(patient.app.getHttpServer()),
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
  it.each<[what: string, bytes: () => string, trickle: Partial<Trickle>]>([
    ['a body of which one byte came', () => `${head('/v1/exceptions')}{`, {}],
    ['a body of which nothing came', () => head('/v1/exceptions'), {}],
    ['a body for no route', () => head('/v1/nothing'), {}],
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
    ['a body without a token', () => head('/v1/exceptions', { Authorization: 'none' }), {}],
    ['a message of an external system', () => head(`/v1/inbound/jira/${newId()}`), {}],
    ['headers of which a part came', () => 'POST /v1/exceptions HTTP/1.1\r\nHost: he', {}],
    ['headers that come letter by letter', () => 'GET /v1/exceptions HTTP/1.1\r\nX: ', { piece: () => 'x' }],
    ['an import of which nothing came', () => head('/v1/exceptions/import', importing), {}],
    [
      'an edited export of which a part came',
      () => `${head('/v1/exceptions/bulk/apply', { 'Content-Type': 'text/csv' })}id,vers`,
      {},
    ],
  ])('is answered 408 and the connection closed: %s', async (_, bytes, trickle) => {
    expectTimeout(await ask('service', bytes(), trickle));
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

  it.each<[what: string, status: number, bytes: () => string]>([
    ['of no known type', 415, () => head('/v1/exceptions', { 'Content-Type': 'text/plain' })],
    [
      'of an import without a token',
      401,
      () => head('/v1/exceptions/import', { ...importing, Authorization: 'none' }),
    ],
    ['of a read', 200, () => head('/health/live').replace('POST', 'GET')],
  ])('is answered at once, and the connection closed: a body %s', async (_, status, bytes) => {
    const answer = await ask('service', bytes());
    expect([answer.status, answer.closed]).toEqual([status, true]);
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
