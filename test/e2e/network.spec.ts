import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type TestApp } from '../support/app';

/** What leads from a browser to the service, and from the service to others. */

const origin = 'https://desk.example.com';
const preflight = (from: string) => ({
  headers: {
    origin: from,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type,x-idempotency-key',
  },
});
const asks = (service: TestApp, from: string) =>
  service.app.inject({ method: 'OPTIONS', url: '/v1/exceptions', ...preflight(from) });

describe('pages of another origin', () => {
  let service: TestApp;
  beforeAll(async () => (service = await startTestApp({ CORS_ORIGINS: `${origin},http://localhost:5173` })));
  afterAll(() => service.close());

  it('may ask whether they may call, without a token', async () => {
    const { statusCode, headers } = await asks(service, origin);
    expect(statusCode).toBe(204);
    expect(headers['access-control-allow-origin']).toBe(origin);
    expect(headers['access-control-allow-methods']).toContain('POST');
    expect(headers['access-control-allow-headers']).toMatch(/Authorization.*If-Match.*X-Idempotency-Key/);
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('may read the headers of answers, of refusals too', async () => {
    const ana = service.person();
    const answers = [
      await ana.send('POST', '/v1/exceptions', {
        headers: { origin },
        body: { transactionId: newId(), reason: 'Mismatch' },
      }),
      await ana.get(`/v1/exceptions/${newId()}`, { headers: { origin } }),
      await service.send('GET', '/v1/exceptions', { headers: { origin } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 404, 401]);
    for (const { headers } of answers) {
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers['vary']).toContain('Origin');
      expect(headers['access-control-expose-headers']).toMatch(/ETag.*X-Request-Id.*X-Idempotency-Replayed/);
    }
  });

  it.each(['https://evil.example.com', 'https://desk.example.com.evil.example', 'null'])(
    'are not let in when they are of %s',
    async (other) => {
      expect((await asks(service, other)).headers).not.toHaveProperty('access-control-allow-origin');
      const { headers } = await service.person().get('/v1/exceptions', { headers: { origin: other } });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );
});

describe('a service', () => {
  it('lets no other origin in unless it is told to, and sends through the proxy that it is told of', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', ({ url = '' }: IncomingMessage, socket: Socket) => {
      asked.push(url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const service = await startTestApp({
      EGRESS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    });
    expect((await asks(service, origin)).headers).not.toHaveProperty('access-control-allow-origin');

    const ana = service.person();
    const jira = { site: 'https://1.1.1.1', email: 'desk@acme.example', project: 'OPS', apiToken: 't' };
    expect((await ana.send('PUT', '/v1/connections/JIRA', { body: jira })).status).toBe(201);
    const tested = await ana.post('/v1/connections/JIRA/test');
    expect(JSON.stringify(tested.body)).toContain('the proxy on the way to it answered 403');
    expect(asked).toContain('1.1.1.1:443');
    await service.close();
    proxy.close();
  });
});
