import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type LookupFunction, type Socket } from 'node:net';
import { selfSignedCertificate } from '../../../../test/support/certificate';
import { closedPort } from '../../../../test/support/failing-servers';
import { closeServers, listening } from '../../../../test/support/open-servers';
import { fakeResolver } from '../../../../test/support/trap';
import { Egress, type EgressRequest } from './egress';
import { EgressAllowance } from './egress-allowance';

const allow = EgressAllowance.parse('http://127.0.0.1')!;
const gate = new Egress({
  allow,
  userAgent: 'Redress',
  connectTimeoutMs: 500,
  lookup: fakeResolver().lookup,
});
const soon = () => AbortSignal.timeout(5_000);
const canary = 'canary';

afterEach(closeServers);

/** A server that reads the head of a request and does this with the connection. */
const rawServer = (act: (socket: Socket, head: string) => void): Promise<number> =>
  listening(createServer((socket) => void socket.once('data', (data) => act(socket, data.toString()))));

const send = (port: number, more: Partial<EgressRequest> = {}) =>
  gate.request({
    method: 'POST',
    url: `http://127.0.0.1:${port}/${canary}?${canary}`,
    headers: { authorization: `Bearer ${canary}` },
    body: '{}',
    signal: soon(),
    ...more,
  });

describe('a request that is answered', () => {
  it('arrives as it was meant and is answered as it was', async () => {
    let seen: IncomingMessage | undefined;
    let body = '';
    const port = await listening(
      createHttpServer((request, response) => {
        seen = request;
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () =>
          response.writeHead(201, { 'X-One': 'a', 'Set-Cookie': ['b=1', 'c=2'] }).end('né'),
        );
      }),
    );
    const answer = await send(port, { body: '{"é":1}', headers: { 'Content-Type': 'application/json' } });
    expect(answer).toMatchObject({
      kind: 'answer',
      status: 201,
      headers: { 'x-one': 'a', 'set-cookie': 'b=1, c=2' },
      body: 'né',
    });
    expect(seen).toMatchObject({
      method: 'POST',
      url: `/${canary}?${canary}`,
      headers: {
        host: `127.0.0.1:${port}`,
        'user-agent': 'Redress',
        'content-type': 'application/json',
        'content-length': '8',
        connection: 'close',
      },
    });
    expect(body).toBe('{"é":1}');
  });

  it.each([204, 301, 302, 307, 308, 400, 404, 429, 500, 503])(
    'has status %i, whatever it means',
    async (status) => {
      const port = await listening(
        createHttpServer((_, response) => response.writeHead(status, { location: 'http://10.0.0.1/' }).end()),
      );
      expect(await send(port, { method: 'GET', body: '' })).toMatchObject({ kind: 'answer', status });
    },
  );

  it('is told the final status after those that only inform', async () => {
    const port = await rawServer((socket) =>
      socket.end(
        'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      ),
    );
    expect(await send(port)).toMatchObject({ kind: 'answer', status: 200, body: 'ok' });
  });

  it('reads no more than it was asked to', async () => {
    const port = await listening(
      createHttpServer((_, response) => void response.writeHead(403).write('x'.repeat(1_000_000))),
    );
    const answer = await send(port, { maxAnswerBytes: 100 });
    expect(answer).toMatchObject({ kind: 'answer', status: 403, body: 'x'.repeat(100) });
    const usual = await send(port);
    expect(usual.kind === 'answer' && usual.body.length).toBe(65_536);
  });
});

describe('an address to be set', () => {
  const answers: Readonly<Record<string, readonly string[]>> = {
    'public.example.com': ['93.184.216.34', '2606:2800:220:1::1'],
    'inside.example.com': ['10.0.0.5'],
    'mixed.example.com': ['93.184.216.34', '169.254.169.254'],
    'mapped.example.com': ['::ffff:127.0.0.1'],
    'allowed.example.com': ['127.0.0.1'],
  };
  const problemOf = (
    url: string,
    lookup = fakeResolver((name) => answers[name] ?? []).lookup,
    rules = EgressAllowance.nothing,
  ) => new Egress({ allow: rules, userAgent: 'x', connectTimeoutMs: 100, lookup }).addressProblem(url);

  it.each([
    'https://public.example.com/events',
    'https://public.example.com.:8443/',
    'https://nowhere.example.com',
    'https://93.184.216.34/',
  ])('may be %s', async (url) => expect(await problemOf(url)).toBeUndefined());

  it.each(['http://127.0.0.1:8085/', 'http://allowed.example.com:8085/'])(
    'may be %s where the operator allows that',
    async (url) => {
      expect(await problemOf(url)).toMatch(/only https is allowed$/);
      expect(await problemOf(url, undefined, allow)).toBeUndefined();
    },
  );

  it.each([
    ['http://public.example.com', /^public\.example\.com is not allowed, only https is allowed$/],
    ['https://10.0.0.1/', /^10\.0\.0\.1 is not allowed, it is not on the public internet$/],
    ['https://[::1]:8443/', /^\[::1\]:8443 is not allowed, /],
    ['https://0x7f.1:22/', /^127\.0\.0\.1:22 is not allowed, port 22 is not allowed$/],
    ['https://2130706433/', /^127\.0\.0\.1 is not allowed, /],
    ['https://localhost/', /a name of a local network$/],
    [
      'https://inside.example.com/',
      /^inside\.example\.com is not allowed, it is not on the public internet$/,
    ],
    ['https://mixed.example.com:8443/', /^mixed\.example\.com:8443 is not allowed, /],
    ['https://mapped.example.com/', /not on the public internet$/],
    ['http://allowed.example.com/', /only https is allowed$/],
    ['not a URL', /^the URL is not valid$/],
  ])('may not be %s', async (url, problem) => expect(await problemOf(url)).toMatch(problem));

  it('is accepted when its name cannot be looked up, or not in time', async () => {
    const failing: LookupFunction = (_, __, callback) => callback(new Error('SERVFAIL'), '');
    expect(await problemOf('https://public.example.com/', failing)).toBeUndefined();
    expect(await problemOf('https://public.example.com/', () => undefined)).toBeUndefined();
  });
});

describe('a request of which nothing has left', () => {
  const notSent = (pattern: RegExp) => ({ kind: 'not_sent', problem: expect.stringMatching(pattern) });

  it('was refused the connection', async () => {
    const port = Number(await closedPort());
    expect(await send(port)).toEqual(
      notSent(/^Nothing was sent to 127\.0\.0\.1:\d+: it refused the connection\.$/),
    );
  });

  it.each([
    ['ENOTFOUND', 'there is no such name'],
    ['EAI_AGAIN', 'its name could not be looked up'],
    ['ESURPRISE', 'ESURPRISE'],
  ])('has nobody to go to: %s', async (code, words) => {
    const error = Object.assign(new Error(`lookup ${canary}`), { code });
    const lost = new Egress({ allow, userAgent: 'x', lookup: (_, __, callback) => callback(error, '') });
    const url = 'https://hooks.example.com/';
    expect(await lost.request({ method: 'GET', url, signal: soon() })).toEqual(
      notSent(new RegExp(`^Nothing was sent to hooks\\.example\\.com: ${words}\\.$`)),
    );
  });

  it('has a name without addresses', async () => {
    const lookup: LookupFunction = (_, __, callback) => callback(null, []);
    const url = 'https://hooks.example.com/';
    const lost = new Egress({ allow, userAgent: 'x', lookup, connectTimeoutMs: 100 });
    expect(await lost.request({ method: 'GET', url, signal: soon() })).toEqual(notSent(/./));
  });

  it('meets a certificate that no authority signed, even when the process is set to accept such certificates', async () => {
    const port = await listening(createHttpsServer(selfSignedCertificate()));
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await send(port, { url: `https://127.0.0.1:${port}/` })).toEqual(
        notSent(/certificate is not trusted/),
      );
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it('meets something that speaks no TLS', async () => {
    const port = await listening(createServer((socket) => socket.end('220 mail.example.com\r\n')));
    expect(await send(port, { url: `https://127.0.0.1:${port}/` })).toEqual(notSent(/./));
  });

  it('waits for a handshake or for a name no longer than connecting may take', async () => {
    const port = await listening(createServer());
    expect(await send(port, { url: `https://127.0.0.1:${port}/` })).toEqual(
      notSent(/did not take the connection/),
    );
    const never = new Egress({ allow, userAgent: 'x', connectTimeoutMs: 100, lookup: () => undefined });
    const url = 'https://hooks.example.com/';
    expect(await never.request({ method: 'GET', url, signal: soon() })).toEqual(notSent(/in time/));
  });

  it('is given up before or while it connects', async () => {
    const port = await listening(createServer());
    const url = `https://127.0.0.1:${port}/`;
    expect(await send(port, { signal: AbortSignal.abort() })).toEqual(notSent(/time was over/));
    expect(await send(port, { url, signal: AbortSignal.timeout(50) })).toEqual(notSent(/time was over/));
  });

  it.each(['not a URL', 'hooks.example.com/x', '/x', 'https://', ''])('has no address: %j', async (url) => {
    expect(await send(0, { url })).toEqual(notSent(/^Nothing was sent: the URL is not valid\.$/));
  });

  it('has a header that cannot be', async () => {
    const port = await rawServer(() => undefined);
    expect(await send(port, { headers: { authorization: `Bearer ${canary}\r\nx: y` } })).toEqual(
      notSent(/./),
    );
  });
});

describe('a request of which it is unknown whether it arrived', () => {
  const lost = (pattern: RegExp) => ({ kind: 'lost', problem: expect.stringMatching(pattern) });

  it.each<[string, (socket: Socket) => void]>([
    ['the connection is reset', (socket) => void socket.resetAndDestroy()],
    ['the connection is ended', (socket) => void socket.end()],
    ['the head of the answer is cut', (socket) => void socket.end('HTTP/1.1 201 Cre')],
    [
      'only an announcement came',
      (socket) => void socket.end('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'),
    ],
    ['the answer is no HTTP', (socket) => void socket.end('220 mail.example.com\r\n')],
    [
      'the answer wants another protocol',
      (socket) => void socket.end('HTTP/1.1 101 Hm\r\nupgrade: x\r\n\r\n'),
    ],
    ['the head has no end', (socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`)],
  ])('because %s', async (_, act) => {
    const port = await rawServer(act);
    expect(await send(port)).toEqual(
      lost(/^127\.0\.0\.1:\d+ may have taken the request, but gave no whole answer: .*\.$/),
    );
  });

  it('because no answer comes in time', async () => {
    const silent = await rawServer(() => undefined);
    expect(await send(silent, { signal: AbortSignal.timeout(100) })).toEqual(lost(/time was over/));
  });

  it('and which is never sent again for that', async () => {
    let count = 0;
    const port = await rawServer((socket) => {
      count += 1;
      socket.destroy();
    });
    await send(port, { method: 'GET', body: '' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(count).toBe(1);
  });
});

describe('what a problem says', () => {
  it('never holds a secret', async () => {
    const closed = Number(await closedPort());
    const cut = await rawServer((socket) => void socket.destroy());
    const answers = await Promise.all([
      send(closed),
      send(cut),
      send(cut, { url: `http://${canary}:${canary}@127.0.0.1:${cut}/` }),
      send(cut, { url: `https://10.0.0.1/${canary}?${canary}#${canary}` }),
      send(cut, { url: `https://10.0.0.1:99999/${canary}` }),
      send(cut, { headers: { authorization: `${canary}\n` } }),
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(['not_sent', 'lost', ...Array(4).fill('not_sent')]);
    expect(JSON.stringify(answers)).not.toContain(canary);
  });
});

describe('closing', () => {
  it('waits for what is under way', async () => {
    const port = await rawServer((socket) =>
      setTimeout(() => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), 100),
    );
    const own = new Egress({ allow, userAgent: 'x' });
    let settled = false;
    const answer = own.request({ method: 'GET', url: `http://127.0.0.1:${port}/`, signal: soon() });
    void answer.then(() => (settled = true));
    await own.close();
    expect(settled).toBe(true);
    expect(await answer).toMatchObject({ kind: 'answer', status: 200 });
  });
});
