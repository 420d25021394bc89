import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { jwksOf, makeKeys } from '../../../../test/support/hostile-tokens';
import { KeysUnreachable, maxKeySetBytes, RemoteKeys } from './jwks';

const first = makeKeys('1');
const second = makeKeys('2');
const rs256 = (kid: string) => ({ alg: 'RS256', kid });

let server: Server;
let url: URL;
let fetches = 0;
let answer: { status: number; body: string; headers?: Record<string, string>; delay?: number };

beforeAll(async () => {
  server = createServer((_request, response) => {
    fetches++;
    const { status, body, headers, delay = 0 } = answer;
    setTimeout(() => response.writeHead(status, headers).end(body), delay);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`);
});

let now: number;
let warn: jest.SpyInstance;

beforeEach(() => {
  fetches = 0;
  now = 1_000_000;
  publish(jwksOf(first));
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function publish(set: unknown): void {
  answer = { status: 200, body: JSON.stringify(set) };
}
const fail = (): void => void (answer = { status: 500, body: 'no' });
const seconds = (count: number): void => void (now += count * 1000);

describe('published keys', () => {
  it.each([
    ['RS256', first.rsa],
    ['RS512', first.rsa],
    ['PS256', first.rsa],
    ['ES256', first.ec],
    ['EdDSA', first.ed],
  ])('are found for %s, as public KeyObjects', async (alg, { kid, publicKey }) => {
    const key = await new RemoteKeys(url).find({ alg, kid });
    expect(key?.type).toBe('public');
    expect(key?.equals(publicKey)).toBe(true);
  });

  it('are fetched once and imported once', async () => {
    const keys = new RemoteKeys(url);
    const found = await Promise.all(Array.from({ length: 20 }, () => keys.find(rs256('rsa-1'))));
    expect(new Set(found).size).toBe(1);
    expect(fetches).toBe(1);
  });

  it('are found without a kid where only one fits', async () => {
    expect(await new RemoteKeys(url).find({ alg: 'RS256' })).toBeDefined();
    publish({ keys: [...jwksOf(first).keys, ...jwksOf(second).keys] });
    expect(await new RemoteKeys(url).find({ alg: 'RS256' })).toBeUndefined();
  });

  it.each([
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0', kid: 'x' }],
    ['a key for encryption', { ...jwksOf(first).keys[0], kid: 'x', use: 'enc' }],
    ['a key for another algorithm', { ...jwksOf(first).keys[0], kid: 'x', alg: 'PS256' }],
    ['a private key', { ...first.rsa.privateKey.export({ format: 'jwk' }), kid: 'x' }],
    ['a broken key', { kty: 'RSA', n: 'AQAB', kid: 'x' }],
    ['a key of an unknown kind', { kty: 'LWE', kid: 'x' }],
  ])('do not include %s', async (_, jwk) => {
    publish({ keys: [jwk, ...jwksOf(first).keys] });
    const keys = new RemoteKeys(url);
    expect(await keys.find(rs256('x'))).toBeUndefined();
    expect(await keys.find(rs256('rsa-1'))).toBeDefined();
  });
});

describe('a rotation', () => {
  it('is noticed with the first token of the new key', async () => {
    const keys = new RemoteKeys(url);
    await keys.find(rs256('rsa-1'));
    publish({ keys: [...jwksOf(first).keys, ...jwksOf(second).keys] });
    seconds(31);
    expect(await keys.find(rs256('rsa-2'))).toBeDefined();
    expect(fetches).toBe(2);
  });

  it('withdraws a key within ten minutes and one more look', async () => {
    const keys = new RemoteKeys(url);
    await keys.find(rs256('rsa-1'));
    publish(jwksOf(second));
    seconds(601);
    expect(await keys.find(rs256('rsa-1'))).toBeDefined();
    for (let turn = 0; turn < 200 && (await keys.find(rs256('rsa-1'))); turn++) {
      await new Promise((passed) => setTimeout(passed, 5));
    }
    expect(await keys.find(rs256('rsa-1'))).toBeUndefined();
    expect(fetches).toBe(2);
  });
});

describe('unknown keys', () => {
  it('cost one fetch, however many there are', async () => {
    const keys = new RemoteKeys(url);
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 50 }, (_, n) => keys.find(rs256(`unknown-${round}-${n}`))));
    }
    expect(fetches).toBe(1);
  });

  it('cost one more fetch after each cooldown', async () => {
    const keys = new RemoteKeys(url);
    await keys.find(rs256('rsa-1'));
    seconds(31);
    await Promise.all(Array.from({ length: 50 }, (_, n) => keys.find(rs256(`unknown-${n}`))));
    expect(fetches).toBe(2);
  });

  it.each(['none', 'HS256', 'constructor', ''])('include those for the algorithm %j', async (alg) => {
    expect(await new RemoteKeys(url).find({ alg, kid: 'rsa-1' })).toBeUndefined();
  });
});

describe('an issuer that does not answer', () => {
  it.each([
    ['an error', { status: 500, body: 'no' }],
    ['something else', { status: 200, body: '<html>' }],
    ['no set', { status: 200, body: '{"keys":7}' }],
    ['null', { status: 200, body: 'null' }],
    ['a redirect', { status: 302, body: '', headers: { location: '/elsewhere' } }],
  ])('but sends %s leaves it open whether a token is good', async (_, bad) => {
    answer = bad;
    await expect(new RemoteKeys(url).find(rs256('rsa-1'))).rejects.toThrow(KeysUnreachable);
    expect(fetches).toBe(1);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it.each([
    [
      'in many keys',
      () => ({ keys: Array.from({ length: 101 }, () => ({ kty: 'RSA' })) }),
      'more than 100 keys',
    ],
    ['in one long member', () => ({ keys: [], more: 'x'.repeat(maxKeySetBytes) }), 'more than 1048576 bytes'],
  ])('but sends far too much %s is not believed', async (_, set, said) => {
    publish(set());
    await expect(new RemoteKeys(url).find(rs256('rsa-1'))).rejects.toThrow(KeysUnreachable);
    expect(warn.mock.calls[0]?.[0]).toContain(said);
  });

  it('but sends without an end is cut off', async () => {
    const piece = Buffer.alloc(65_536, ' ');
    let sent = 0;
    const endless = createServer((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(piece)) sent += piece.length;
        sent += piece.length;
      };
      response.on('drain', more);
      more();
    });
    await new Promise<void>((listening) => endless.listen(0, '127.0.0.1', listening));
    const { port } = endless.address() as AddressInfo;
    const keys = new RemoteKeys(new URL(`http://127.0.0.1:${port}/`), { timeout: 20_000 });
    await expect(keys.find(rs256('rsa-1'))).rejects.toThrow(KeysUnreachable);
    expect(warn.mock.calls[0]?.[0]).toContain('more than 1048576 bytes');
    const connections = () =>
      new Promise((resolve) => endless.getConnections((_error, count) => resolve(count)));
    while ((await connections()) !== 0) await new Promise((passed) => setTimeout(passed, 5));
    // What the buffers of the system hold of it comes on top.
    expect(sent).toBeLessThan(64 * maxKeySetBytes);
    endless.close();
  });

  it('in time neither', async () => {
    answer = { ...answer, delay: 500 };
    await expect(new RemoteKeys(url, { timeout: 20 }).find(rs256('rsa-1'))).rejects.toThrow(KeysUnreachable);
  });

  it('and says why in the log, not to the client', async () => {
    await expect(new RemoteKeys(new URL('http://127.0.0.1:1/x?token=t')).find(rs256('k'))).rejects.toThrow(
      'No keys',
    );
    expect(warn.mock.calls[0]?.[0]).toMatch(/^No keys from http:\/\/127\.0\.0\.1:1\/x: fetch failed/);
  });

  it('is asked again once a second at most', async () => {
    fail();
    const keys = new RemoteKeys(url);
    for (let n = 0; n < 20; n++) await expect(keys.find(rs256(`k${n}`))).rejects.toThrow(KeysUnreachable);
    expect(fetches).toBe(1);
    seconds(1.1);
    publish(jwksOf(first));
    expect(await keys.find(rs256('rsa-1'))).toBeDefined();
    expect(fetches).toBe(2);
  });

  it('does not take the keys away that are known, for a day', async () => {
    const keys = new RemoteKeys(url);
    await keys.find(rs256('rsa-1'));
    fail();
    seconds(23 * 3600);
    expect(await keys.find(rs256('rsa-1'))).toBeDefined();
    await expect(keys.find(rs256('unknown'))).rejects.toThrow(KeysUnreachable);
    seconds(2 * 3600);
    await expect(keys.find(rs256('rsa-1'))).rejects.toThrow(KeysUnreachable);
  });
});
