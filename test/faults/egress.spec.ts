import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { Egress, type EgressAnswer, EgressAllowance } from '@redress/connectors';
import { selfSignedCertificate } from '../support/certificate';
import { forbiddenHosts } from '../support/forbidden-hosts';
import { compiledService, stopServices } from '../support/service-process';
import { fakeAnswers, fakeResolver, setTrap, watchConnections, type Trap } from '../support/trap';

jest.setTimeout(60_000);

const all = [...forbiddenHosts.onThisMachine, ...forbiddenHosts.elsewhere];
const soon = () => AbortSignal.timeout(5_000);

let trap: Trap;
beforeAll(async () => (trap = await setTrap()));
afterAll(() => trap.close());

const egress = (allow = '', lookup = fakeResolver().lookup): Egress =>
  new Egress({
    allow: allow ? EgressAllowance.parse(allow)! : EgressAllowance.nothing,
    userAgent: 'test',
    lookup,
  });

/** The naive implementation: check the spelling of the host, then send the request. */
async function naively(host: string, lookup = fakeResolver().lookup): Promise<'refused' | 'tried'> {
  if (/^(localhost|127\.|10\.|172\.|192\.168\.|169\.254\.|0\.0\.0\.0|\[::1\])/i.test(host)) return 'refused';
  const dispatcher = new Agent({ connect: { lookup, rejectUnauthorized: false }, pipelining: 0 });
  await request(`https://${host}:${trap.port}/`, { dispatcher, signal: soon() }).catch(() => undefined);
  await dispatcher.destroy();
  return 'tried';
}

describe('requests to forbidden hosts', () => {
  it('are many, and no two alike', () => {
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(120);
  });

  it.each(['', '10.9.8.7:8443,hooks.corp.example,[fd00::9]:8443,http://192.168.7.7'])(
    'open no socket, with "%s" allowed',
    async (allow) => {
      const gate = egress(allow);
      const { attempts, stop } = watchConnections();
      for (const [scheme, port] of [
        ['https', trap.port],
        ['http', trap.port],
        ['https', 443],
        ['http', 80],
      ]) {
        for (const host of all) {
          const url = `${scheme}://${host}:${port}/`;
          const answer = await gate.request({ method: 'POST', url, body: '{}', signal: soon() });
          expect({ url, ...answer }).toEqual({ url, kind: 'not_sent', problem: expect.any(String) });
        }
      }
      stop();
      expect(attempts).toEqual([]);
      expect(trap.caught()).toBe(0);
    },
  );

  it('do not even ask what a local name stands for', async () => {
    const { lookup, asked } = fakeResolver();
    for (const host of forbiddenHosts.onThisMachine) {
      await egress('', lookup).request({
        method: 'GET',
        url: `https://${host}:${trap.port}`,
        signal: soon(),
      });
    }
    expect(asked.filter((name) => !/\.example\.com\.?$/.test(name))).toEqual([]);
    expect(asked).not.toEqual([]);
  });

  it.each([1, 19, 22, 25, 53, 80, 110, 442, 444, 587, 1023])('do not go to port %i', async (port) => {
    const { lookup, asked } = fakeResolver(() => ['93.184.215.14']);
    const { attempts, stop } = watchConnections();
    const url = `https://hooks.example.com:${port}/`;
    const answer = await egress('', lookup).request({ method: 'GET', url, signal: soon() });
    stop();
    expect(answer).toMatchObject({ kind: 'not_sent', problem: expect.stringContaining(`port ${port}`) });
    expect([asked, attempts]).toEqual([[], []]);
  });

  it.each([
    'ftp',
    'file',
    'gopher',
    'ws',
    'wss',
    'javascript',
    'data',
    'unix',
    'blob:https',
    'view-source:https',
  ])('have no scheme like %s', async (scheme) => {
    const url = `${scheme}://127.0.0.1:${trap.port}/`;
    const answer = await egress('http://127.0.0.1').request({ method: 'GET', url, signal: soon() });
    expect(answer).toMatchObject({ kind: 'not_sent' });
    expect(trap.caught()).toBe(0);
  });
});

describe('the trap', () => {
  it('catches each of them when only its spelling is looked at', async () => {
    const reachable = (name: string) => fakeAnswers(name).filter((address) => address !== '93.184.215.14');
    const before = trap.caught();
    const { attempts, stop } = watchConnections();
    const missed: string[] = [];
    let tried = 0;
    for (const host of forbiddenHosts.onThisMachine) {
      const caught = trap.caught();
      if ((await naively(host, fakeResolver(reachable).lookup)) === 'refused') continue;
      tried += 1;
      if (trap.caught() === caught) missed.push(host);
    }
    stop();
    expect(missed).toEqual([]);
    expect(tried).toBeGreaterThanOrEqual(70);
    expect(attempts.length).toBeGreaterThanOrEqual(tried);
    expect(trap.caught() - before).toBeGreaterThanOrEqual(tried);
  });
});

describe('beside a server that is allowed', () => {
  let server: Server;
  let near: Trap;
  let origin: string;
  let served: string[];

  beforeAll(async () => {
    server = createServer((incoming, response) => {
      served.push(incoming.url!);
      if (incoming.url === '/moved') response.writeHead(307, { location: `http://[::1]:${near.port}/` });
      response.end('here');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    near = await setTrap('::1', port);
    origin = `http://name.example.com:${port}`;
  });
  beforeEach(() => (served = []));
  afterAll(async () => {
    await near.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const allowed = (lookup = fakeResolver().lookup): Egress => egress(`http://127.0.0.1:${near.port}`, lookup);
  const get = (gate: Egress, path = '/'): Promise<EgressAnswer> =>
    gate.request({ method: 'GET', url: origin + path, signal: soon() });

  /** Answers another address each time it is asked. */
  const rebinding = (...answers: string[][]) => {
    let turn = 0;
    return fakeResolver(() => answers[Math.min(turn++, answers.length - 1)]!);
  };

  it('goes where the name led when it was checked, having asked once', async () => {
    const { lookup, asked } = rebinding(['127.0.0.1'], ['::1']);
    expect(await get(allowed(lookup))).toMatchObject({ kind: 'answer', status: 200, body: 'here' });
    expect(asked).toEqual(['name.example.com']);
    expect(near.caught()).toBe(0);
  });

  it('asks anew for each request, so that no earlier answer opens the way', async () => {
    const gate = allowed(rebinding(['127.0.0.1'], ['::1']).lookup);
    const { attempts, stop } = watchConnections();
    expect(await get(gate)).toMatchObject({ kind: 'answer' });
    expect(await get(gate)).toMatchObject({ kind: 'not_sent' });
    expect(await get(gate)).toMatchObject({ kind: 'not_sent' });
    stop();
    expect(attempts).toEqual([`127.0.0.1:${near.port}`]);
    expect(near.caught()).toBe(0);
  });

  it.each([[['127.0.0.1', '::1']], [['::1', '127.0.0.1']], [['127.0.0.1', '10.0.0.1', '127.0.0.1']]])(
    'goes nowhere when a name leads to %j',
    async (answers) => {
      const { attempts, stop } = watchConnections();
      expect(await get(allowed(rebinding(answers).lookup))).toMatchObject({ kind: 'not_sent' });
      stop();
      expect([attempts, served, near.caught()]).toEqual([[], [], 0]);
    },
  );

  it('does not follow it elsewhere', async () => {
    expect(await get(allowed(), '/moved')).toMatchObject({ kind: 'answer', status: 307 });
    expect(near.caught()).toBe(0);
  });

  it('knows no proxy, whatever the environment says', async () => {
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
    const before = { ...process.env };
    for (const name of names) process.env[name] = `http://[::1]:${near.port}`;
    process.env['NODE_USE_ENV_PROXY'] = '1';
    try {
      expect(await get(allowed())).toMatchObject({ kind: 'answer', status: 200 });
    } finally {
      process.env = before;
    }
    expect(near.caught()).toBe(0);
  });

  it('is left by who looks a name up, and then goes to the name', async () => {
    const { lookup } = rebinding(['127.0.0.1'], ['::1']);
    const looked = await new Promise((resolve) => {
      lookup('name.example.com', { all: false }, (_, address) => resolve(address));
    });
    expect(looked).toBe('127.0.0.1');
    const dispatcher = new Agent({ connect: { lookup } });
    await request(origin, { dispatcher, signal: soon() }).catch(() => undefined);
    await dispatcher.destroy();
    expect(near.caught()).toBe(1);
  });
});

describe('over TLS', () => {
  afterAll(stopServices);

  /** As the service would send it, started with this certificate among those it trusts. */
  async function sendTrusting(cert: string, url: string): Promise<EgressAnswer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'redress-egress-'));
    const file = path.join(folder, 'ca.pem');
    writeFileSync(file, cert);
    const script = `
      const { Egress } = require('./libs/connectors/src/egress/egress.js');
      const { EgressAllowance } = require('./libs/connectors/src/egress/egress-allowance.js');
      const lookup = (_name, _options, callback) => setImmediate(callback, null, [{ address: '127.0.0.1', family: 4 }]);
      new Egress({ allow: EgressAllowance.parse('127.0.0.1'), userAgent: 'x', lookup })
        .request({ method: 'GET', url: process.argv[1], signal: AbortSignal.timeout(5_000) })
        .then((answer) => console.log(JSON.stringify(answer)));
    `;
    const cwd = path.resolve(compiledService(), '../../../..');
    const env = {
      ...process.env,
      NODE_EXTRA_CA_CERTS: file,
      NODE_PATH: path.resolve(__dirname, '../../node_modules'),
    };
    try {
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, url], { cwd, env });
      return JSON.parse(stdout) as EgressAnswer;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('goes to a server with a certificate for the name, and to no other', async () => {
    const own = selfSignedCertificate();
    const server = createHttpsServer(own, (_, response) => response.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const answer = await sendTrusting(own.cert, `https://hooks.example.com:${port}/`);
      expect(answer).toMatchObject({ kind: 'answer', status: 200, body: 'here' });
      expect(await sendTrusting(own.cert, `https://other.example.com:${port}/`)).toEqual({
        kind: 'not_sent',
        problem: `Nothing was sent to other.example.com:${port}: its certificate is for another name.`,
      });
      const { cert } = selfSignedCertificate();
      expect(await sendTrusting(cert, `https://hooks.example.com:${port}/`)).toMatchObject({
        kind: 'not_sent',
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
