import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { checkError } from '../support/api-document';
import { startTestApp, type TestApp } from '../support/app';

/*
 * Addresses that no client means. They are written to the socket as they are: every HTTP client would tidy them up. No
 * token is sent, so what is behind an address must not be needed to answer.
 */

let service: TestApp;
let port: number;
const logged: string[] = [];

beforeAll(async () => {
  service = await startTestApp({ LOG_LEVEL: 'warn' }, { write: (line) => logged.push(line) });
  await service.app.listen(0, '127.0.0.1');
  ({ port } = service.app.getHttpServer().address() as AddressInfo);
}, 60_000);
afterAll(() => service.close());

type Raw = Readonly<{ status: number; type: string; head: string; body: string }>;

/** One request over a connection of its own, which the server is asked to close. */
function ask(method: string, target: string, headers: readonly string[] = []): Promise<Raw> {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: here', 'Connection: close', ...headers];
  return askRaw(`${lines.join('\r\n')}\r\n\r\n`);
}

async function askRaw(bytes: string): Promise<Raw> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1').setTimeout(10_000);
  socket.on('timeout', () => socket.destroy(new Error(`no answer to ${bytes.slice(0, 100)}`)));
  let received = '';
  socket.on('data', (text: string) => (received += text));
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const type = /^content-type: *(.*)$/im.exec(head)?.[1] ?? '';
  return {
    status: Number(head.slice(9, 12)),
    type,
    head: head.replaceAll('\r', ''),
    body: rest.join('\r\n\r\n'),
  };
}

const endings = [
  '//',
  '///',
  '/.',
  '/..',
  '/../',
  '/../..',
  '/./swagger-ui.css',
  '/../docs/swagger-ui.css',
  '/x/../swagger-ui.css',
  '//swagger-ui.css',
  '//etc/passwd',
  '/%2e%2e/package.json',
  '/..%2fpackage.json',
  '/..%5c..%5cwindows',
  '/..\\..\\windows',
  '/%5c%5cserver%5cshare',
  '/c:/windows/win.ini',
  '/%00',
  '/a%00b',
  '/swagger-ui.css%00.html',
  '/%0a',
  '/%0d%0aSet-Cookie:%20a=b',
  '/%7f',
  '/%',
  '/%f',
  '/%zz',
  '/%c0%af',
  '/%ed%a0%80',
  '/%ff%fe',
  '/%252e%252e/',
  '/%25',
  '/%23',
  '/%3f',
  '/%2f',
  '/%2F%2F',
  '/swagger-ui.css/',
  '/swagger-ui.css/x',
  '/swagger-ui.css%20',
  '/SWAGGER-UI.CSS',
  '/LICENSE',
  '/package.json',
  '/.git/config',
  '/.env',
  '/index.html/..',
  '/*',
  '/:id',
  '/{id}',
  '/%e2%80%ae',
  '/%f0%9f%98%80',
  '/constructor',
  '/__proto__',
  '/?%',
  '/?%00=%00',
  '/?' + '&'.repeat(3000),
  '/?a[b][c]=1&a[b][c]=2',
  '/;x=y',
  '/' + 'a'.repeat(300),
  '/' + 'a'.repeat(300) + '/b',
  '/' + 'a'.repeat(5000),
  '/' + 'a/'.repeat(2000),
  '/' + '../'.repeat(500),
  '/' + '%2e%2e%2f'.repeat(300),
  '/' + '%00'.repeat(300),
];

const places = [
  '/docs',
  '/openapi.json',
  '/openapi.yaml',
  '/v1',
  '/v1/exceptions',
  '/health',
  '/health/live',
  '/metrics',
  '',
];

/** What is wrong with how this was answered, if anything. */
async function complaints(method: string, target: string): Promise<string[]> {
  const { status, type, body } = await ask(method, target);
  const said: string[] = [];
  if (![200, 301, 302, 304, 400, 401, 404].includes(status)) said.push(`answered ${status}`);
  if (method === 'HEAD' && body !== '') said.push('sent a body');
  if (status >= 400 && !type.startsWith('application/json')) said.push(`sent ${type}`);
  if (status >= 400 && method === 'GET') said.push(...checkError(JSON.parse(body)));
  if (body.length > 2000 && status >= 400) said.push(`answered at length: ${body.length}`);
  return said.map((problem) => `${method} ${target.slice(0, 80)}: ${problem}`);
}

describe.each(places)('malformed addresses under %j', (place) => {
  it('are found, or refused as the contract says, and are nothing to log', async () => {
    expect(endings.length).toBeGreaterThanOrEqual(60);
    logged.length = 0;
    const said: string[] = [];
    for (const ending of endings)
      for (const method of ['GET', 'HEAD']) said.push(...(await complaints(method, place + ending)));
    expect(said).toEqual([]);
    expect(logged).toEqual([]);
  }, 60_000);
});

describe('a file of the documentation', () => {
  const file = '/docs/swagger-ui.css';
  it('is there', async () => expect((await ask('GET', file)).status).toBe(200));

  it.each([
    ['a range beyond its end', 'Range: bytes=99999999-', 416, 'range_not_satisfiable'],
    ['an entity tag that it has not', 'If-Match: "x"', 412, 'precondition_failed'],
    [
      'a time before it was changed',
      'If-Unmodified-Since: Mon, 01 Jan 1990 00:00:00 GMT',
      412,
      'precondition_failed',
    ],
  ])('is refused for %s, and nothing is logged', async (_, header, status, title) => {
    logged.length = 0;
    const answer = await ask('GET', file, [header]);
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([status, { code: String(status), title }]);
    expect(checkError(JSON.parse(answer.body))).toEqual([]);
    expect((await ask('HEAD', file, [header])).status).toBe(status);
    expect(logged).toEqual([]);
  });

  it('is not found by any other method', async () => {
    for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'POST', 'DELETE'])
      expect([method, (await ask(method, '/docs/x', ['Content-Length: 0'])).status]).toEqual([method, 404]);
  });
});

describe('a method that an address has not', () => {
  it.each([
    ['PUT', '/v1/exceptions', 'GET, HEAD, POST'],
    ['DELETE', '/v1/exceptions/import?preview=true', 'POST'],
    ['POST', '/v1/exceptions/summary', 'GET, HEAD'],
    ['GET', '/v1/exceptions/019c96a0-10ce-75fc-a273-dc799079a99c/assign', 'POST'],
    ['OPTIONS', '/v1/disputes/019c96a0-10ce-75fc-a273-dc799079a99c', 'GET, HEAD'],
    ['PATCH', '/health/live', 'GET, HEAD'],
  ])('is refused with those that it has: %s %s', async (method, target, allow) => {
    const { status, head, body } = await ask(method, target, ['Content-Length: 0']);
    expect([status, /^allow: (.*)$/im.exec(head)?.[1]]).toEqual([405, allow]);
    expect(JSON.parse(body)).toMatchObject({ title: 'method_not_allowed', details: { allow } });
    expect(checkError(JSON.parse(body))).toEqual([]);
  });

  it('is not found where there is no address', async () => {
    for (const target of ['/v1/exception', '/v1/exceptions/x/y/z', '/v1', '/'])
      expect([target, (await ask('POST', target, ['Content-Length: 0'])).status]).toEqual([target, 404]);
  });
});

describe('bytes that are no request', () => {
  it.each([
    'BREW /docs HTTP/1.1',
    'get /docs HTTP/1.1',
    'GET /docs HTTP/9.9',
    'GET /do cs HTTP/1.1',
    'GET /\xe9 HTTP/1.1',
  ])('are refused: %s', async (line) => {
    const [method = '', target = '', version] = line.split(/ (?=\/|HTTP)/);
    const answer = version === 'HTTP/1.1' ? await ask(method, target) : await askRaw(`${line}\r\n\r\n`);
    expect(answer.status).toBe(400);
    expect(checkError(JSON.parse(answer.body))).toEqual([]);
  });

  it('are answered in the form that the client accepts, with the id of the request', async () => {
    const accept = ['X-Request-Id: r-42', 'Accept: application/problem+json'];
    for (const [method, headers] of [
      ['BREW', accept],
      ['GET', [...accept, `X-Long: ${'x'.repeat(20_000)}`]],
      ['GET', [...accept, 'Expect: a-miracle']],
    ] as const) {
      const { status, type, body, head } = await ask(method, '/docs', headers);
      expect(type).toBe('application/problem+json');
      expect(JSON.parse(body)).toMatchObject({ status });
      expect(head).toMatch(/^x-request-id: r-42$/im);
    }
    expect((await ask('BREW', '/docs')).head).toMatch(/^x-request-id: [0-9a-f-]{36}$/im);
  });

  it('have no Host, or an expectation that is not known', async () => {
    const hostless = await askRaw('GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect([hostless.status, JSON.parse(hostless.body)]).toMatchObject([400, { title: 'invalid_request' }]);
    expect(hostless.head).toMatch(/^x-request-id: /im);
    expect((await askRaw('GET /health/live HTTP/1.0\r\n\r\n')).status).toBe(200);
    const expecting = await ask('GET', '/health/live', ['Expect: a-miracle']);
    expect([expecting.status, JSON.parse(expecting.body)]).toMatchObject([
      417,
      { title: 'expectation_failed' },
    ]);
    for (const { body } of [hostless, expecting]) expect(checkError(JSON.parse(body))).toEqual([]);
  });

  it('are too large as headers', async () => {
    const answer = await ask('GET', '/health/live', [`X-Long: ${'x'.repeat(20_000)}`]);
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([431, { title: 'headers_too_large' }]);
  });
});
