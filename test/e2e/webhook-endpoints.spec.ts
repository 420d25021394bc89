import { setTimeout as pause } from 'node:timers/promises';
import { AesVault } from '@redress/connectors';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Json, type Person, type TestApp } from '../support/app';
import { listen, type Listener } from '../support/listener';
import { ownerOf } from '../support/owner';
import { until } from '../support/until';

let service: TestApp;
let listener: Listener;
let ana: Person;

beforeAll(async () => {
  listener = await listen();
  service = await startTestApp({ WORKERS: '3', EGRESS_ALLOW: listener.origin });
}, 60_000);

beforeEach(() => {
  ana = service.person();
  listener.received.length = listener.taken.length = 0;
  listener.answer(() => 204);
});

afterAll(async () => {
  await service.close();
  await listener.close();
});

const path = '/v1/webhook-endpoints';

async function endpoint(over: Json = {}): Promise<Json> {
  const { status, body } = await ana.post(path, { url: listener.url, ...over });
  expect(status).toBe(201);
  listener.secrets.push(body.secret);
  return body;
}

const deliveries = async (id: string, query = '?sort_order=asc'): Promise<Json[]> =>
  (await ana.get(`${path}/${id}/deliveries${query}`)).body.items;

const history = async (exceptionId: string): Promise<Json[]> =>
  (await ana.get(`/v1/exceptions/${exceptionId}/history`)).body.items;

describe('an endpoint', () => {
  it('shows its secret only in the answer to its creation, and in the replay of that answer', async () => {
    const key = { 'idempotency-key': newId() };
    const made = await ana.post(path, { url: listener.url, description: 'Ledger' }, key);
    expect(made.status).toBe(201);
    expect(made.body.secret).toMatch(/^whsec_/);
    expect(made.headers['location']).toBe(`${path}/${made.body.id}`);
    const again = await ana.post(path, { url: listener.url, description: 'Ledger' }, key);
    expect([again.text, again.headers['x-idempotency-replayed']]).toEqual([made.text, 'true']);
    const read = await ana.get(`${path}/${made.body.id}`);
    const { secret: _shown, ...rest } = made.body;
    expect([read.body, read.headers['etag']]).toEqual([rest, '"1"']);
    const list = await ana.get(path);
    expect(list.body.items).toEqual([rest]);
  });

  it('is changed from the version that was meant, and keeps what is left out', async () => {
    const { id } = await endpoint({ description: 'Ledger', events: ['exception.raised'] });
    const patch = (body: Json, headers = {}) => ana.send('PATCH', `${path}/${id}`, { body, headers });
    const off = await patch({ enabled: false }, { 'if-match': '"1"' });
    expect(off.body).toMatchObject({
      version: 2,
      state: 'DISABLED',
      disabledReason: 'ana@example.com switched it off.',
      description: 'Ledger',
      events: ['exception.raised'],
    });
    expect(off.body).not.toHaveProperty('secret');
    expect((await patch({ enabled: true }, { 'if-match': '"1"' })).status).toBe(412);
    const on = await patch({ enabled: true, events: ['*'] });
    expect(on.body).toMatchObject({ version: 3, state: 'ENABLED' });
    expect(on.body).not.toHaveProperty('events');
    expect(on.body).not.toHaveProperty('disabledReason');
    const preview = await ana.send('PATCH', `${path}/${id}?preview=true`, { body: { rotateSecret: true } });
    expect([preview.status, preview.body.secret]).toEqual([200, undefined]);
    expect((await ana.get(`${path}/${id}`)).body.version).toBe(3);
  });

  it('is gone when it was deleted, and hears no more', async () => {
    const { id } = await endpoint();
    expect((await ana.send('DELETE', `${path}/${id}`, {})).status).toBe(204);
    expect((await ana.get(`${path}/${id}`)).status).toBe(404);
    expect((await ana.get(`${path}/${id}/deliveries`)).status).toBe(404);
    await ana.raise();
    await pause(200);
    expect(listener.received).toEqual([]);
  });

  it.each([
    ['no URL', {}],
    ['a URL with a password', { url: 'https://a:b@acme.example' }],
    ['another scheme', { url: 'ftp://acme.example' }],
    ['an unknown type', { url: 'https://acme.example', events: ['exception.exploded'] }],
    ['an empty list of types', { url: 'https://acme.example', events: [] }],
    ['what it does not have', { url: 'https://acme.example', secret: 'mine' }],
  ])('is not made with %s', async (_, body) => {
    expect((await ana.post(path, body)).status).toBe(400);
  });

  it.each([
    'https://10.0.0.1/events',
    'https://169.254.169.254/latest',
    'https://[::ffff:192.168.0.1]/',
    'https://localhost:8443/',
    'https://hooks.internal/',
    'http://hooks.acme.example/',
    'https://hooks.acme.example:22/',
  ])('is neither made for nor moved to %s, where nothing may be sent', async (url) => {
    const { id } = await endpoint();
    for (const { status, body } of [
      await ana.post(path, { url }),
      await ana.send('PATCH', `${path}/${id}`, { body: { url } }),
    ]) {
      expect([status, body.title, Object.keys(body.details.fields)]).toEqual([
        400,
        'invalid_request',
        ['url'],
      ]);
      expect(body.message).toMatch(/^url cannot be used: \S+ is not allowed, .+\.$/);
    }
    expect((await ana.get(`${path}/${id}`)).body).toMatchObject({ version: 1, url: listener.url });
  });

  it('is for administrators', async () => {
    const ben = service.person({ scopes: ['exception:read', 'exception:raise'] });
    expect((await ben.post(path, { url: listener.url })).status).toBe(403);
  });
});

describe('events', () => {
  it('are told in their order, as they are in the history, signed so that others can verify it', async () => {
    const { id } = await endpoint();
    const { id: exceptionId } = await ana.raise({ amount: '150.50', currency: 'BRL' });
    const of = `/v1/exceptions/${exceptionId}`;
    await ana.post(`${of}/assign`, { assignee: 'ben' });
    await ana.post(`${of}/comments`, { content: 'Look at this.' });
    const opened = await ana.post(`${of}/disputes`, { category: 'OTHER', description: 'The fee is wrong' });
    await ana.post(`/v1/disputes/${opened.body.id}/close`, { won: true, resolution: 'Ours' });
    await ana.post(`${of}/force-match`, { overrideReason: 'BUSINESS_DECISION', notes: 'Approved' });
    const lines = await history(exceptionId);
    await until(() => listener.taken.length === lines.length);
    expect(listener.received.map(({ verified }) => verified)).toEqual(lines.map(() => true));
    expect(listener.received.map(({ id: webhookId }) => webhookId)).toEqual(lines.map((line) => line.id));
    for (const [i, line] of lines.entries()) {
      const { seq: _seq, prevHash: _prev, hash: _hash, action, actorId, createdAt, ...event } = line;
      expect([action, actorId, createdAt]).toEqual([event.type, event.actor, event.at]);
      expect(listener.received[i]!.body).toEqual({ type: event.type, timestamp: event.at, data: event });
    }
    await until(async () => (await deliveries(id, '?state=DELIVERED')).length === lines.length);
    expect(await deliveries(id)).toMatchObject(
      lines.map((line) => ({
        eventId: line.id,
        seq: line.seq,
        type: line.type,
        attempts: 1,
        lastStatus: 204,
        history: [{ attempt: 1, status: 204 }],
      })),
    );
  });

  it('are told to those who asked for their type, each tenant its own', async () => {
    await endpoint({ events: ['exception.assigned'] });
    const { id: mine } = await ana.raise();
    const ben = service.person();
    const { id: other } = await ben.raise();
    await ben.post(`/v1/exceptions/${other}/assign`, { assignee: 'eve' });
    await ana.post(`/v1/exceptions/${mine}/assign`, { assignee: 'eve' });
    await until(() => listener.taken.length === 1);
    await pause(100);
    expect(listener.received.map(({ body }) => [body.type, body.data.exceptionId])).toEqual([
      ['exception.assigned', mine],
    ]);
  });

  it('of a whole import are told', async () => {
    const { id } = await endpoint();
    const lines = Array.from({ length: 50 }, () => JSON.stringify({ transactionId: newId(), reason: 'x' }));
    const headers = { 'content-type': 'application/x-ndjson' };
    await ana.send('POST', '/v1/exceptions/import', { headers, raw: lines.join('\n') });
    await until(() => listener.taken.length === 50);
    await until(async () => (await deliveries(id, '?state=DELIVERED&limit=200')).length === 50);
  });

  it('that are too long come without what makes them long, and say so', async () => {
    await endpoint();
    const differences = Array.from({ length: 50 }, (_, i) => ({
      field: `field ${i}`,
      expected: 'é'.repeat(200),
      actual: 'x'.repeat(200),
    }));
    await ana.raise({ differences });
    await until(() => listener.taken.length === 1);
    const [{ body, bytes, verified }] = listener.taken as [Listener['taken'][0]];
    expect([verified, bytes < 20_000, body.data.truncated]).toEqual([true, true, true]);
    expect(body.data.changed).toContain('differences');
    expect(body.data).not.toHaveProperty('changes');
  });

  it('are signed with the new secret and the one before, for a day', async () => {
    const { id, secret } = await endpoint();
    const rotated = await ana.send('PATCH', `${path}/${id}`, { body: { rotateSecret: true } });
    expect(rotated.body.secret).toMatch(/^whsec_/);
    expect(rotated.body.secret).not.toBe(secret);
    await ana.raise();
    await until(() => listener.taken.length === 1);
    expect(listener.taken[0]!.headers['webhook-signature']!.split(' ')).toHaveLength(2);
    listener.secrets.splice(0, Infinity, rotated.body.secret);
    await ana.raise();
    await until(() => listener.taken.length === 2);
    expect(listener.taken.map(({ verified }) => verified)).toEqual([true, true]);
  });

  it('wait for the one before, which is tried again', async () => {
    const { id } = await endpoint();
    let refused = 0;
    listener.answer(() => (refused++ === 0 ? 500 : 200));
    const { id: exceptionId } = await ana.raise();
    await ana.post(`/v1/exceptions/${exceptionId}/assign`, { assignee: 'ben' });
    await until(() => listener.received.length === 1);
    const { id: another } = await ana.raise();
    await until(() => listener.taken.length === 1);
    // Another exception does not wait.
    expect(listener.taken[0]!.body.data.exceptionId).toBe(another);
    await until(() => listener.taken.length === 3, 15_000);
    const its = listener.received.filter(({ body }) => body.data.exceptionId === exceptionId);
    expect(its.map(({ body }) => body.type)).toEqual([
      'exception.raised',
      'exception.raised',
      'exception.assigned',
    ]);
    expect(its[1]!.at - its[0]!.at).toBeGreaterThan(4_900);
    expect(its[1]!.headers['webhook-id']).toBe(its[0]!.headers['webhook-id']);
    await until(async () => (await deliveries(id, '?state=DELIVERED')).length === 3);
    const [first] = await deliveries(id);
    expect(first.history).toMatchObject([
      { attempt: 1, status: 500, problem: 'It answered 500.' },
      { attempt: 2, status: 200 },
    ]);
  }, 30_000);

  it('end when the endpoint answers that it is gone, and can be told once it is back', async () => {
    const { id } = await endpoint();
    listener.answer(() => 410);
    const from = new Date(Date.now() - 1000).toISOString();
    const { id: exceptionId } = await ana.raise();
    await until(async () => (await ana.get(`${path}/${id}`)).body.state === 'DISABLED');
    expect((await ana.get(`${path}/${id}`)).body).toMatchObject({
      version: 2,
      disabledReason: 'It answered 410: it wants to hear no more.',
    });
    await ana.post(`/v1/exceptions/${exceptionId}/assign`, { assignee: 'ben' });
    await pause(200);
    expect(listener.received).toHaveLength(1);
    expect((await deliveries(id)).map(({ state }) => state)).toEqual(['DEAD', 'SKIPPED']);
    const [dead, ...others] = (await ana.get('/v1/webhook-deliveries?state=DEAD')).body.items;
    expect(others).toEqual([]);
    expect(dead).toMatchObject({ endpointId: id, exceptionId, lastStatus: 410, history: [{ status: 410 }] });
    expect((await ana.get(`/v1/webhook-deliveries?endpoint_id=${id}`)).body.items).toHaveLength(2);
    expect((await service.person().get('/v1/webhook-deliveries')).body.items).toEqual([]);
    const { text: metrics } = await service.send('GET', '/metrics');
    for (const series of [
      /^redress_delivery_attempts_total\{state="DEAD",answer="4xx"\} [1-9]/m,
      /^redress_delivery_backlog\{name="webhook_endpoint",state="DEAD"\} [1-9]/m,
      /^redress_circuit_breakers\{target="webhook_endpoint",state="closed"\} [1-9]/m,
      /^redress_database_seconds_count\{phase="statement",result="ok"\} [1-9]/m,
    ])
      expect(metrics).toMatch(series);
    for (const secret of [id, exceptionId, ana.tenant]) expect(metrics).not.toContain(secret);
    const range = { from, to: new Date(Date.now() + 60_000).toISOString() };
    const refused = await ana.post(`${path}/${id}/replay`, range);
    expect([refused.status, refused.body.title]).toEqual([422, 'not_allowed']);

    listener.answer(() => 200);
    await ana.send('PATCH', `${path}/${id}`, { body: { enabled: true } });
    expect((await ana.post(`${path}/${id}/replay?preview=true`, range)).body).toEqual({ replayed: 2 });
    expect((await ana.post(`${path}/${id}/replay`, range)).body).toEqual({ replayed: 2 });
    await until(() => listener.taken.length === 2);
    expect(listener.taken.map(({ body }) => body.type)).toEqual(['exception.raised', 'exception.assigned']);
  });

  it('are delivered again on request', async () => {
    const { id } = await endpoint();
    await ana.raise();
    await until(async () => (await deliveries(id, '?state=DELIVERED')).length === 1);
    const [{ eventId }] = (await deliveries(id)) as [Json];
    const again = await ana.post(`${path}/${id}/deliveries/${eventId}/replay`);
    expect(again.body).toMatchObject({ eventId, state: 'PENDING', attempts: 1 });
    await until(() => listener.taken.length === 2);
    expect(new Set(listener.taken.map(({ id: webhookId }) => webhookId))).toEqual(new Set([eventId]));
    expect((await ana.post(`${path}/${id}/deliveries/${newId()}/replay`)).status).toBe(404);
  });

  it('wait as long as an endpoint asks for that has too much to do', async () => {
    const { id } = await endpoint();
    listener.answer(() => ({ status: 429, headers: { 'retry-after': '100' } }));
    await ana.raise();
    await until(async () => (await deliveries(id))[0]?.attempts === 1);
    await until(async () => (await deliveries(id, '?state=PENDING')).length === 1);
    const [{ nextAttemptAt, createdAt }] = (await deliveries(id)) as [Json];
    expect(Date.parse(nextAttemptAt) - Date.parse(createdAt)).toBeGreaterThan(99_000);
  });

  it('go nowhere that nothing may be sent to', async () => {
    const { id } = await endpoint();
    // As if it had been set before the rules were what they are now.
    const address = 'http://127.0.0.1:1/';
    const vault = service.app.get(AesVault);
    const row = { table: 'webhook_endpoint', tenant: ana.tenant, id };
    const owner = ownerOf(service.database.url);
    const [{ secrets, url }] = (await owner.rows(
      `SELECT url, encode(secrets, 'base64') AS secrets FROM webhook_endpoint WHERE id = $1`,
      [id],
    )) as [{ secrets: string; url: string }];
    const moved = vault.encrypt(vault.decrypt(secrets, { ...row, address: url }), { ...row, address });
    await owner.rows(`UPDATE webhook_endpoint SET url = $2, secrets = decode($3, 'base64') WHERE id = $1`, [
      id,
      address,
      moved,
    ]);
    await owner.end();
    await ana.raise();
    await until(async () => (await deliveries(id))[0]?.history.length === 1);
    const [delivery] = (await deliveries(id)) as [Json];
    expect(delivery.lastProblem).toMatch(/only https is allowed/);
  });

  it('go to no address that was set behind the back of the service', async () => {
    const { id } = await endpoint();
    const owner = ownerOf(service.database.url);
    await owner.rows(`UPDATE webhook_endpoint SET url = url || 'elsewhere' WHERE id = $1`, [id]);
    await owner.end();
    await ana.raise();
    await until(async () => (await deliveries(id))[0]?.history.length === 1);
    const [delivery] = (await deliveries(id)) as [Json];
    expect(delivery.lastProblem).toMatch(/^Nothing was sent: .* belongs to another row or address\.$/);
    expect(listener.taken).toEqual([]);
  });
});
