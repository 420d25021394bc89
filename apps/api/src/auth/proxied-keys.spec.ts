import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Socket } from 'node:net';
import { EgressProxy } from '@redress/connectors';
import { proxiedKeys } from './proxied-keys';

describe('the keys of an issuer', () => {
  it('are asked for through the proxy', async () => {
    const asked: string[] = [];
    const server = createServer().on('connect', ({ url = '' }: IncomingMessage, socket: Socket) => {
      asked.push(url);
      socket.end('HTTP/1.1 502 No\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const proxy = new EgressProxy({ url, target: 'name' });
    const issuer = new URL('https://10.1.2.3:8443/keys');
    const get = proxiedKeys(issuer.href, proxy)!;
    await expect(get(issuer, AbortSignal.timeout(5000), {})).rejects.toThrow(/proxy.*502/);
    expect(asked).toEqual(['10.1.2.3:8443']);
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['without a proxy', 'https://login.example.com/keys', undefined],
    ['of an excepted issuer', 'https://login.corp.internal/keys', ['corp.internal']],
    ['on this machine', 'http://127.0.0.1:8080/keys', []],
  ])('are got directly %s', (_, url, except) => {
    const proxy = except && new EgressProxy({ url: 'http://proxy.example.com:3128', except });
    expect(proxiedKeys(url, proxy)).toBeUndefined();
  });
});
