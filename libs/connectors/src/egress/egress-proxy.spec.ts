import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { selfSignedCertificate } from '../../../../test/support/certificate';
import { closedPort } from '../../../../test/support/failing-servers';
import { closeLater, closeServers, listening } from '../../../../test/support/open-servers';
import { fakeResolver } from '../../../../test/support/trap';
import { Egress, type EgressOptions } from './egress';
import { EgressAllowance } from './egress-allowance';
import { EgressProxy, type EgressProxyOptions } from './egress-proxy';

afterEach(closeServers);

type Asked = Readonly<{ authority: string; authorization: string | undefined }>;

/** A proxy that connects to this port, whatever it is asked for, since the names of the tests lead nowhere. */
async function proxyTo(port: number, status = 200): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createHttpServer((_, response) => response.writeHead(400).end());
  server.on('connect', ({ url = '', headers }: IncomingMessage, near: Socket) => {
    asked.push({ authority: url, authorization: headers['proxy-authorization'] });
    if (status !== 200) return void near.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const far = connect(port, '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    closeLater(far);
  });
  return { url: `http://127.0.0.1:${await listening(server)}`, asked };
}

const target = (): Promise<number> =>
  listening(createHttpServer((request, response) => response.end(`for ${request.headers.host}`)));

const through = (proxy: EgressProxyOptions, allow = '', more: Partial<EgressOptions> = {}): Egress =>
  new Egress({
    allow: allow ? EgressAllowance.parse(allow)! : EgressAllowance.nothing,
    userAgent: 'Redress',
    connectTimeoutMs: 1000,
    lookup: fakeResolver().lookup,
    proxy: new EgressProxy(proxy),
    ...more,
  });

const get = (egress: Egress, url: string) =>
  egress.request({ method: 'GET', url, signal: AbortSignal.timeout(5000) });

/** Answers this address for every name. */
const resolvesTo =
  (...addresses: string[]): NonNullable<EgressOptions['lookup']> =>
  (_, __, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
const unknown: NonNullable<EgressOptions['lookup']> = (_, __, callback) =>
  callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), '');

describe('a request through a proxy', () => {
  it('is asked of the proxy by the address that was checked, an IPv4 one first', async () => {
    const { url, asked } = await proxyTo(await target());
    const lookup = resolvesTo('2606:4700::1111', '93.184.216.34');
    const answer = await get(
      through({ url }, 'http://hooks.example.com', { lookup }),
      'http://hooks.example.com:8080/x',
    );
    expect(answer).toMatchObject({ kind: 'answer', status: 200, body: 'for hooks.example.com:8080' });
    expect(asked).toEqual([{ authority: '93.184.216.34:8080', authorization: undefined }]);
  });

  it('is asked of the proxy by its name where that is wanted', async () => {
    const { url, asked } = await proxyTo(await target());
    const egress = through({ url, target: 'name' }, 'http://hooks.example.com', {
      lookup: resolvesTo('93.184.216.34'),
    });
    expect(await get(egress, 'http://hooks.example.com:8080/')).toMatchObject({ kind: 'answer' });
    expect(asked.map(({ authority }) => authority)).toEqual(['hooks.example.com:8080']);
  });

  it('sends the credentials of the proxy to the proxy', async () => {
    const { url, asked } = await proxyTo(await target());
    const named = Object.assign(new URL(url), { username: 'red', password: 'p%40ss' }).href;
    await get(through({ url: named }, 'http://1.1.1.1'), 'http://1.1.1.1:8080/');
    expect(asked[0]!.authorization).toBe(`Basic ${Buffer.from('red:p@ss').toString('base64')}`);
  });

  it('brackets IPv6 addresses', async () => {
    const { url, asked } = await proxyTo(await target());
    await get(through({ url }, 'http://[2606:4700::1111]'), 'http://[2606:4700::1111]:8080/');
    expect(asked.map(({ authority }) => authority)).toEqual(['[2606:4700::1111]:8080']);
  });

  it('is encrypted to the other side, whose certificate has to be right', async () => {
    const { url, asked } = await proxyTo(
      await listening(createHttpsServer(selfSignedCertificate(), (_, response) => response.end())),
    );
    const answer = await get(
      through({ url }, '', { lookup: resolvesTo('93.184.216.34') }),
      'https://hooks.example.com/',
    );
    expect(answer).toMatchObject({ kind: 'not_sent', problem: expect.stringContaining('not trusted') });
    expect(asked).toHaveLength(1);
  });

  it('goes to excepted hosts directly', async () => {
    const port = await target();
    const { url, asked } = await proxyTo(port);
    const egress = through({ url, except: ['127.0.0.1'] }, 'http://127.0.0.1');
    expect(await get(egress, `http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'answer' });
    expect(asked).toEqual([]);
  });

  it.each([
    ['corp.internal', 'corp.internal', false],
    ['jira.corp.internal', 'corp.internal', false],
    ['jira.corp.internal', '.corp.internal', false],
    ['evilcorp.internal', 'corp.internal', true],
    ['corp.internal.example.com', 'corp.internal', true],
  ])('%s with the exception %s goes through it: %s', (host, except, served) => {
    expect(new EgressProxy({ url: 'http://proxy:3128', except: [except] }).serves(host)).toBe(served);
  });
});

describe('a request that the proxy is not asked for', () => {
  it.each([
    ['an address that is not allowed', 'https://10.1.2.3/', resolvesTo('10.1.2.3')],
    [
      'a name that leads to one',
      'https://hooks.example.com/',
      resolvesTo('93.184.216.34', '169.254.169.254'),
    ],
    ['a name that is not known', 'https://hooks.example.com/', unknown],
    ['a local name', 'https://jira.corp.internal/', resolvesTo('93.184.216.34')],
  ])('is for %s', async (_, address, lookup) => {
    for (const by of ['address', 'name'] as const) {
      const { url, asked } = await proxyTo(await target());
      const answer = await get(through({ url, target: by }, '', { lookup }), address);
      expect([answer.kind, asked]).toEqual(['not_sent', []]);
    }
  });

  it('may be for a name that only the proxy knows, where the operator names it', async () => {
    const { url, asked } = await proxyTo(await target());
    const allow = 'http://jira.corp.internal';
    const byName = through({ url, target: 'name' }, allow, { lookup: unknown });
    expect(await get(byName, 'http://jira.corp.internal:8080/')).toMatchObject({ kind: 'answer' });
    expect(asked.map(({ authority }) => authority)).toEqual(['jira.corp.internal:8080']);
    const byAddress = through({ url }, allow, { lookup: unknown });
    expect((await get(byAddress, 'http://jira.corp.internal:8080/')).kind).toBe('not_sent');
  });
});

describe('a proxy', () => {
  const problemWith = async (url: string): Promise<unknown> =>
    get(through({ url }, 'http://1.1.1.1'), 'http://1.1.1.1:8080/');
  const notSent = (pattern: RegExp) => ({ kind: 'not_sent', problem: expect.stringMatching(pattern) });

  it.each([403, 407, 502])('that answers %i has sent nothing', async (status) => {
    const { url } = await proxyTo(0, status);
    expect(await problemWith(url)).toEqual(
      notSent(new RegExp(`the proxy on the way to it answered ${status}\\.$`)),
    );
  });

  it('that is away has sent nothing', async () => {
    const port = await closedPort();
    expect(await problemWith(`http://127.0.0.1:${port}`)).toEqual(
      notSent(/of the proxy on the way to it: it refused/),
    );
  });

  it('that never answers is given up in time', async () => {
    const server = createHttpServer().on('connect', () => undefined);
    expect(await problemWith(`http://127.0.0.1:${await listening(server)}`)).toEqual(
      notSent(/the time was over/),
    );
  });

  it('that breaks the connection afterwards may have sent the request', async () => {
    const { url } = await proxyTo(
      await listening(createHttpServer((request) => void request.socket.destroy())),
    );
    expect(await problemWith(url)).toMatchObject({ kind: 'lost' });
  });

  it.each(['proxy:3128', 'socks5://proxy:1080', 'http://'])('%s is no HTTP proxy', (url) => {
    expect(() => new EgressProxy({ url })).toThrow();
  });
});
