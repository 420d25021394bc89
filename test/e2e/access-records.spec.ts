import { AccessTrail, TenantPool } from '@redress/typeorm';
import { DataSource } from 'typeorm';
import { AccessRecorder } from '../../apps/api/src/access-records/access-recorder';
import { scopes } from '../../apps/api/src/auth/scopes';
import { startTestApp, type Person, type TestApp } from '../support/app';
import { ownerOf } from '../support/owner';
import { until } from '../support/until';

let service: TestApp;
let ana: Person;
beforeAll(async () => (service = await startTestApp()), 60_000);
afterAll(() => service.close());
beforeEach(() => (ana = service.person()));

/** What the trail has, oldest first: kind, method, route, query and status. */
async function trail(person = ana, query = ''): Promise<unknown[][]> {
  const { status, body } = await person.get(`/v1/access-records?sort_order=asc${query}`);
  expect(status).toBe(200);
  return body.items.map((item: Record<string, unknown>) =>
    ['kind', 'method', 'route', 'query', 'status', 'actor'].map((name) => item[name]),
  );
}
const { actor } = { actor: 'ana@example.com' };

describe('the access trail', () => {
  it('has exports, large lists, bulk commands, imports, changes of settings, and refusals for want of a scope', async () => {
    await ana.raise();
    await ana.get('/v1/exceptions/export?status=OPEN');
    await ana.get('/v1/exceptions?limit=200');
    await ana.post('/v1/exceptions/bulk/assign', { filter: { status: ['OPEN'] }, assignee: 'bo' });
    await ana.send('POST', '/v1/exceptions/import', {
      headers: { 'content-type': 'application/x-ndjson' },
      raw: '{}\n',
    });
    await ana.send('PUT', '/v1/approval-policy', { body: { rules: [] } });
    await ana.post('/v1/webhook-endpoints', { url: 'https://hooks.acme.example/' });
    const reader = service.person({ tenant: ana.tenant, actor: 'bo', scopes: ['exception:read'] });
    await reader.get('/v1/access-records');
    expect(await trail()).toEqual([
      ['export', 'GET', '/v1/exceptions/export', 'status=OPEN', 200, actor],
      ['list', 'GET', '/v1/exceptions', 'limit=200', 200, actor],
      ['bulk', 'POST', '/v1/exceptions/bulk/assign', '', 200, actor],
      ['bulk', 'POST', '/v1/exceptions/import', '', 200, actor],
      ['settings', 'PUT', '/v1/approval-policy', '', 200, actor],
      ['settings', 'POST', '/v1/webhook-endpoints', '', 201, actor],
      ['refused', 'GET', '/v1/access-records', '', 403, 'bo'],
    ]);
  });

  it('has no small list, no single exception, and nothing that was refused for what it asked', async () => {
    const { id } = await ana.raise();
    for (const path of ['/v1/exceptions', '/v1/exceptions?limit=99', `/v1/exceptions/${id}`])
      await ana.get(path);
    await ana.post(`/v1/exceptions/${id}/assign`, { assignee: 'bo' });
    await ana.get('/v1/exceptions/export?status=NONE');
    expect(await trail()).toEqual([]);
  });

  it('is filtered by who asked, for what and when, and shown page by page', async () => {
    const bo = service.person({ tenant: ana.tenant, actor: 'bo' });
    await ana.get('/v1/exceptions/export');
    await bo.get('/v1/exceptions/export');
    await bo.get('/v1/exceptions?limit=100');
    expect(await trail(ana, '&actor=bo')).toHaveLength(2);
    expect(await trail(ana, '&actor=bo&kind=list')).toHaveLength(1);
    expect(await trail(ana, '&date_to=2020-01-01')).toEqual([]);
    const { body } = await ana.get('/v1/access-records?limit=2');
    expect(body.items.map(({ kind }: { kind: string }) => kind)).toEqual(['list', 'export']);
    const next = await ana.get(`/v1/access-records?limit=2&cursor=${body.nextCursor}`);
    expect(next.body.items.map((one: { actor: string }) => one.actor)).toEqual([actor]);
  });

  it('shows nothing of another tenant, and opens to its scope alone', async () => {
    await ana.get('/v1/exceptions/export');
    expect(await trail(service.person())).toEqual([]);
    const everythingElse = service.person({
      tenant: ana.tenant,
      scopes: scopes.filter((scope) => scope !== 'audit:read'),
    });
    expect((await everythingElse.get('/v1/access-records')).status).toBe(403);
  });

  it('exports nothing where it cannot keep the record', async () => {
    await ana.raise();
    const trailInUse = service.app.get(AccessTrail);
    const record = jest.spyOn(trailInUse, 'record').mockRejectedValueOnce(new Error('disk full'));
    const { status, text } = await ana.get('/v1/exceptions/export');
    expect([status, text.includes('Amount mismatch')]).toEqual([500, false]);
    record.mockRestore();
    expect((await ana.get('/v1/exceptions/export')).text).toContain('Amount mismatch');
  });

  it('cannot be changed by the login of the service, which deletes old records alone', async () => {
    await ana.get('/v1/exceptions/export');
    const pool = TenantPool.of(service.app.get(DataSource));
    for (const text of ['UPDATE access_record SET actor = actor', 'DELETE FROM access_record'])
      await expect(pool.use(ana.tenant, (session) => session.query({ text }, []))).rejects.toThrow(
        'permission denied',
      );
    const owner = ownerOf(service.database.url);
    await owner.rows('ALTER TABLE access_record DISABLE TRIGGER ALL');
    await owner.rows(`UPDATE access_record SET at = at - interval '50 days' WHERE tenant_id = $1`, [
      ana.tenant,
    ]);
    const purge = async (days: number) =>
      (
        await service.app
          .get(DataSource)
          .query<[{ gone: string }]>('SELECT redress_purge_access_records($1, 10) AS gone', [days])
      )[0].gone;
    await owner.rows('ALTER TABLE access_record ENABLE ALWAYS TRIGGER access_record_keeps_rows');
    expect(await purge(60)).toBe('0');
    expect(await purge(1)).toBe('1');
    await ana.get('/v1/exceptions/export');
    expect(await purge(1)).toBe('0');
    await owner.end();
  });

  it('is written when the service stops', async () => {
    const other = await startTestApp();
    const person = other.person({ scopes: [] });
    await person.get('/v1/exceptions');
    const record = jest.spyOn(other.app.get(AccessTrail), 'record');
    await other.close();
    expect(record.mock.calls.map(([tenant, records]) => [tenant, records.map(({ kind }) => kind)])).toEqual([
      [person.tenant, ['refused']],
    ]);
  });
});

describe('the recorder', () => {
  const request = {
    ...{ method: 'GET', url: '/v1/exceptions', id: 'r', routeOptions: {} },
    user: { tenant: 't', actor: 'a' },
  };

  /** One over a trail of which each write does this, with what it has kept and logged. */
  function recorderOver(write: (count: number) => Promise<void> = async () => undefined) {
    const logged: object[] = [];
    const kept: number[] = [];
    const record = async (_tenant: string, records: readonly unknown[]) => {
      await write(records.length);
      kept.push(records.length);
    };
    const log = { error: ({ err: _err, ...facts }: { err?: unknown }) => logged.push(facts) };
    const recorder = new AccessRecorder({ record } as never, log as never);
    let answered: (given: unknown, reply: unknown, done: () => void) => void;
    recorder.listen({ addHook: (_: string, hook: typeof answered) => (answered = hook) } as never);
    const refuse = () => answered(request, { statusCode: 403 }, () => undefined);
    return { recorder, refuse, kept, logged };
  }

  it('keeps ten thousand records at most while the database is away, and says how many are lost', async () => {
    const { recorder, refuse, kept, logged } = recorderOver();
    for (let i = 0; i < 10_005; i++) refuse();
    await recorder.flush();
    expect([kept, logged]).toEqual([[10_000], [{ lost: 5 }]]);
  });

  it('writes again what could not be written', async () => {
    let isAway = true;
    const { recorder, refuse, kept, logged } = recorderOver(async () => {
      if (isAway) throw new Error('no connection');
    });
    refuse();
    await recorder.flush();
    expect([kept, logged]).toEqual([[], [{ tenant: 't', records: 1 }]]);
    isAway = false;
    refuse();
    await recorder.flush();
    expect(kept).toEqual([2]);
  });

  it('writes by itself what comes while others are being written', async () => {
    let release = () => {};
    const isReleased = new Promise<void>((resolve) => (release = resolve));
    const { recorder, refuse, kept } = recorderOver(() => isReleased);
    refuse();
    const flushing = recorder.flush();
    refuse();
    release();
    await flushing;
    expect(kept).toEqual([1]);
    await until(() => kept.length === 2);
  });
});
