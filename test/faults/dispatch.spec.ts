import { setTimeout as pause } from 'node:timers/promises';
import { DispatchDesk, headStartMs, leaseMs, type Work } from '@redress/domain/integrations';
import { DataSource } from 'typeorm';
import { mintToken } from '../../apps/api/src/auth/demo-token';
import { scopes } from '../../apps/api/src/auth/scopes';
import { newId } from '../../apps/api/src/ids';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { secret, startTestApp, type Json, type Person, type TestApp } from '../support/app';
import { connect } from '../support/connections';
import { fakeJiraSettings, startFakeJira, type FakeSystem } from '../support/fake-systems';
import { ownerOf, type Owner } from '../support/owner';
import { inParallel, shortOrLong } from '../support/seed';
import { startService, stopServices, type RunningService } from '../support/service-process';
import { lookUntil } from '../support/until';

let jira: FakeSystem;
let service: TestApp;
let owner: Owner;
let ana: Person;

const outside = () => ({ EGRESS_ALLOW: jira.url, DISPATCH_SETTLE_SECONDS: '{"JIRA":2,"SERVICENOW":1}' });

beforeAll(async () => {
  jira = await startFakeJira();
  // It only takes commands; who carries them out is up to each test.
  service = await startTestApp({ ...outside(), WORKERS: '0' });
  owner = ownerOf(service.database.url);
}, 60_000);
afterAll(async () => {
  await stopServices();
  await owner.end();
  await service.close();
  await jira.stop();
});

beforeEach(async () => {
  await jira.reset();
  await jira.faults();
  ana = service.person();
  await connect(ana, 'JIRA', fakeJiraSettings(jira));
});

type Row = Readonly<{ id: string; state: string; sends: number; external_reference: string | null }>;
const dispatches = (): Promise<Row[]> =>
  owner.rows<Row>('SELECT id, state, sends, external_reference FROM dispatch WHERE tenant_id = $1', [
    ana.tenant,
  ]);

const allConfirmed = (withinMs: number): Promise<Row[]> =>
  lookUntil(dispatches, (all) => all.every(({ state }) => state === 'CONFIRMED'), withinMs);

describe('500 dispatches that are due, and four processes to carry them out', () => {
  it('are attempted once each', async () => {
    const count = shortOrLong(500, 5_000);
    const exceptions = await inParallel(Array.from({ length: count }), 16, () => ana.raise());
    for (let at = 0; at < count; at += 500) {
      const exceptionIds = exceptions.slice(at, at + 500).map(({ id }: Json) => id);
      await ana.post('/v1/exceptions/bulk/dispatch', { exceptionIds, targetSystem: 'JIRA' });
    }
    const env = { ...outside(), DATABASE_URL: service.database.url, WORKERS: '5' };
    const workers = await Promise.all([1, 2, 3, 4].map(() => startTestApp(env)));
    try {
      const all = await allConfirmed(120_000);
      expect(all.map(({ sends }) => sends)).toEqual(Array(count).fill(1));
      const tickets = await jira.tickets();
      expect(tickets.length).toBe(count);
      expect(new Set(tickets.map(({ correlationId }) => correlationId)).size).toBe(count);
      expect(new Set(all.map(({ external_reference }) => external_reference)).size).toBe(count);
      const attempts = await owner.rows('SELECT 1 FROM dispatch_attempt WHERE tenant_id = $1', [ana.tenant]);
      expect(attempts.length).toBe(count);
    } finally {
      await Promise.all(workers.map((worker) => worker.close()));
    }
  }, 240_000);
});

describe('a worker that comes back after its lease', () => {
  const deskAt = (ms: number) => {
    const uow = new PostgresUnitOfWork(TenantPool.of(service.app.get(DataSource)), { replyHours: 1 });
    const start = Date.now();
    return new DispatchDesk({ uow, newId, clock: () => new Date(start + ms) });
  };
  const created = (reference: string) =>
    ({ kind: 'send', answer: { outcome: 'created', reference } }) as const;

  /** One that has lost its lease, and another that has found and confirmed the ticket meanwhile. */
  async function overtaken(): Promise<{ id: string; stale: Work }> {
    const { id: exceptionId } = await ana.raise();
    await ana.post('/v1/exceptions/bulk/dispatch', { exceptionIds: [exceptionId], targetSystem: 'JIRA' });
    const [{ id }] = (await owner.rows<{ id: string }>('SELECT id FROM dispatch WHERE exception_id = $1', [
      exceptionId,
    ])) as [{ id: string }];
    const stale = (await deskAt(headStartMs).claim(ana.tenant, id)) as Work;
    await deskAt(headStartMs + leaseMs + 1000).claim(ana.tenant, id);
    const other = deskAt(600_000);
    const looking = (await other.claim(ana.tenant, id)) as Work;
    const tickets = [{ reference: 'OPS-1' }];
    await other.report(ana.tenant, looking, { kind: 'find', answer: { outcome: 'found', tickets } });
    return { id, stale };
  }

  it('does not overwrite what others have confirmed', async () => {
    await inParallel(Array.from({ length: shortOrLong(50, 500) }), 5, async () => {
      const { id, stale } = await overtaken();
      // The ticket that a late answer names is there: it is flagged, and takes no place.
      const flagged = await deskAt(600_000).report(ana.tenant, stale, created('OPS-99'));
      expect(flagged).toMatchObject({ ok: true, value: { state: { externalReference: 'OPS-1' } } });
      for (const report of [
        created('OPS-1'),
        { kind: 'send', answer: { outcome: 'refused', problem: 'No.' } } as const,
        { kind: 'send', answer: { outcome: 'not_sent', problem: 'No.' } } as const,
      ]) {
        const late = await deskAt(600_000).report(ana.tenant, stale, report);
        expect(late).toMatchObject({ ok: false, refusal: { code: 'stale_version' } });
      }
      const [row] = await owner.rows(
        'SELECT state, external_reference, duplicates FROM dispatch WHERE id = $1',
        [id],
      );
      expect(row).toEqual({ state: 'CONFIRMED', external_reference: 'OPS-1', duplicates: ['OPS-99'] });
    });
  }, 120_000);

  it('would, if nothing but the state stood in its way', async () => {
    const { id: exceptionId } = await ana.raise();
    await ana.post('/v1/exceptions/bulk/dispatch', { exceptionIds: [exceptionId], targetSystem: 'JIRA' });
    const [{ id }] = (await owner.rows<{ id: string }>('SELECT id FROM dispatch WHERE exception_id = $1', [
      exceptionId,
    ])) as [{ id: string }];
    const stale = (await deskAt(headStartMs).claim(ana.tenant, id)) as Work;
    // Another worker is sending by now, and the stale worker takes that claim for its own.
    await owner.rows(`UPDATE dispatch SET version = version + 1 WHERE id = $1`, [id]);
    const forged = { ...stale, dispatch: { ...stale.dispatch, version: stale.dispatch.version + 1 } };
    expect((await deskAt(headStartMs).report(ana.tenant, forged, created('OPS-99'))).ok).toBe(true);
  });
});

describe('a process that is killed while it dispatches', () => {
  let running: RunningService;
  const token = () =>
    mintToken({ secret, tenant: ana.tenant, actor: 'ana@example.com', scopes, expiresInSeconds: 3600 });
  const dispatch = (id: string) =>
    fetch(`${running.url}/v1/exceptions/${id}/dispatch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ targetSystem: 'JIRA' }),
    }).catch(() => undefined);

  it('leaves each with one ticket, which the next process finds', async () => {
    const rounds = shortOrLong(3, 20);
    for (let round = 0; round < rounds; round++) {
      await jira.reset();
      await jira.faults({ seed: round + 1, delayMs: 400 });
      const exceptions = await Promise.all(Array.from({ length: 8 }, () => ana.raise()));
      running = await startService(service.database.url, { ...outside(), WORKERS: '0' });
      const asked = exceptions.map(({ id }) => dispatch(id));
      await pause(150 + 100 * round);
      await running.kill('SIGKILL');
      await Promise.all(asked);
      // The lease expires now instead of in half a minute.
      await owner.rows(
        `UPDATE dispatch SET next_attempt_at = now(), last_sent_at = last_sent_at - interval '1 minute' WHERE state = 'SENDING'`,
      );
      await owner.rows(`UPDATE graphile_worker._private_jobs SET run_at = now() WHERE key IS NOT NULL`);
      await jira.faults();
      const next = await startTestApp({ ...outside(), DATABASE_URL: service.database.url, WORKERS: '4' });
      try {
        const all = await allConfirmed(60_000);
        const tickets = await jira.tickets();
        const mine = new Set(all.map(({ id }) => id));
        const perDispatch = new Map<string | null, number>();
        for (const { correlationId } of tickets)
          perDispatch.set(correlationId, (perDispatch.get(correlationId) ?? 0) + 1);
        expect([...perDispatch.values()].filter((n) => n > 1)).toEqual([]);
        expect(tickets.every(({ correlationId }) => mine.has(correlationId ?? ''))).toBe(true);
      } finally {
        await next.close();
      }
    }
  }, 600_000);
});
