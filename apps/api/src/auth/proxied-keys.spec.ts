import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Socket } from 'node:net';
import { Egress, EgressProxy } from '@redress/connectors';
import { maxKeySetBytes } from './jwks';
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

  it('are read to one byte beyond their limit, which tells that there is more', async () => {
    const request = jest
      .spyOn(Egress.prototype, 'request')
      .mockResolvedValue({ kind: 'answer', status: 200, headers: {}, body: '{}' });
    const issuer = new URL('https://login.example.com/keys');
    const get = proxiedKeys(issuer.href, new EgressProxy({ url: 'http://proxy.example.com:3128' }))!;
    await get(issuer, AbortSignal.timeout(5000), {});
    expect(request).toHaveBeenCalledWith(expect.objectContaining({ maxAnswerBytes: maxKeySetBytes + 1 }));
    request.mockRestore();
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
