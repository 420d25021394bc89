import { setTimeout as pause } from 'node:timers/promises';
import { ExceptionDesk, type DeskStore } from '@redress/domain';
import { Deadlines } from '@redress/domain/integrations';
import { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { deadlineJob, scheduleJob } from '../../libs/typeorm/src/jobs/deadline-jobs';
import { STORE } from '../../apps/api/src/storage/storage.module';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { writeExceptions } from '../support/exception-rows';
import { listen } from '../support/listener';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';

const hour = 3_600_000;

let service: TestApp;
let owner: Owner;

beforeAll(async () => {
  service = await startTestApp();
  owner = ownerOf(service.database.url);
}, 60_000);

afterAll(async () => {
  await owner.end();
  await service.close();
});

const act = (person: Person, id: string, what: string, body?: object): Promise<Answer> =>
  person.post(`/v1/exceptions/${id}/${what}`, body);
const found = async (person: Person, id: string): Promise<Json> =>
  (await person.get(`/v1/exceptions/${id}`)).body;
const events = async (person: Person, id: string): Promise<Json[]> =>
  (await person.get(`/v1/exceptions/${id}/history`)).body.items;
const flags = async (person: Person, id: string): Promise<Json[]> =>
  (await events(person, id)).filter(({ type }) => type === 'exception.waits_too_long');

async function dispatched(person: Person): Promise<string> {
  const { id } = await person.raise();
  const { status, text } = await act(person, id, 'dispatch', { targetSystem: 'MANUAL' });
  if (status !== 200) throw new Error(text);
  return id as string;
}

const alarms = (id: string) =>
  owner.rows<{ run_at: Date; payload: Json }>(
    'SELECT run_at, payload FROM graphile_worker._private_jobs WHERE key = $1',
    [`deadline:${id}`],
  );

/** Rings the alarm so many hours from now, as the engine would. */
async function ring(hours: number, tenant: string, id: string): Promise<void> {
  const { policy } = service.app.get(ExceptionDesk);
  const clock = () => new Date(Date.now() + hours * hour);
  const desk = new ExceptionDesk({ uow: service.app.get<DeskStore>(STORE).desk, clock, newId }, policy);
  await new Deadlines(desk, {
    scheduleJob: (of, its, at) => scheduleJob(service.app.get(DataSource), deadlineJob(of, its, at)),
    scheduleMissingDeadlines: async () => 0,
    expired: () => undefined,
  }).runJob(tenant, id);
}

describe('a dispatch without an answer', () => {
  it('has an alarm from the commit on, and is flagged when it rings', async () => {
    const ana = service.person();
    const id = await dispatched(ana);
    const { pendingSince, version } = await found(ana, id);
    const runAt = new Date(Date.parse(pendingSince) + 168 * hour);
    expect(await alarms(id)).toEqual([{ run_at: runAt, payload: { tenant: ana.tenant, id } }]);
    await ring(169, ana.tenant, id);
    const flagged = await found(ana, id);
    expect(flagged).toMatchObject({
      status: 'PENDING_RESOLUTION',
      pending: 'external',
      pendingSince,
      flaggedAt: expect.any(String),
      version: version + 1,
    });
    expect(await flags(ana, id)).toMatchObject([
      {
        actor: 'redress:deadlines',
        changes: { flaggedAt: { to: flagged.flaggedAt } },
        data: { waitsFor: 'external', since: pendingSince, externalSystem: 'MANUAL' },
      },
    ]);
    for (const what of ['recall', 'resolve', 'force-match'])
      expect(flagged.allowedActions[what]).toMatchObject({ allowed: true });
    expect(flagged.allowedActions.dispatch).toMatchObject({ allowed: false, code: 'already_dispatched' });
  });

  it('is found by it, in its own tenant', async () => {
    const ana = service.person();
    const [id, other] = [await dispatched(ana), await dispatched(ana)];
    await ring(169, ana.tenant, id);
    const ids = async (person: Person, query: string): Promise<string[]> =>
      (await person.get(`/v1/exceptions?${query}`)).body.items.map((item: Json) => item.id);
    expect(await ids(ana, 'flagged=true')).toEqual([id]);
    expect(await ids(ana, 'flagged=false&pending=external')).toEqual([other]);
    expect(await ids(service.person(), 'flagged=true')).toEqual([]);
    const { body } = await ana.get('/v1/exceptions/summary?flagged=true');
    expect(body.total).toBe(1);
    const bulk = await ana.post('/v1/exceptions/bulk/resolve', {
      filter: { flagged: true },
      resolution: 'ACCEPTED',
    });
    expect(bulk.status).toBe(200);
    expect((await found(ana, id)).status).toBe('RESOLVED');
    expect((await found(ana, other)).status).toBe('PENDING_RESOLUTION');
  });

  it('is flagged once, however often it rings', async () => {
    const ana = service.person();
    const id = await dispatched(ana);
    // As when the process was killed before it could say that the job is done; and from two processes at once.
    await ring(169, ana.tenant, id);
    await Promise.all([ring(170, ana.tenant, id), ring(171, ana.tenant, id)]);
    expect(await flags(ana, id)).toHaveLength(1);
    // The mark is what tells: without it, it would be told twice.
    await owner.rows('UPDATE exception SET flagged_at = NULL WHERE id = $1', [id]);
    await ring(171, ana.tenant, id);
    expect(await flags(ana, id)).toHaveLength(2);
  });

  it('is not, any more, when it is taken back; and again when it is handed over again', async () => {
    const ana = service.person();
    const id = await dispatched(ana);
    await ring(169, ana.tenant, id);
    const recalled = await act(ana, id, 'recall');
    expect(recalled.body).not.toHaveProperty('flaggedAt');
    await ring(169, ana.tenant, id);
    await act(ana, id, 'dispatch', { targetSystem: 'MANUAL' });
    const { pendingSince } = await found(ana, id);
    expect(await alarms(id)).toMatchObject([{ run_at: new Date(Date.parse(pendingSince) + 168 * hour) }]);
    expect(await flags(ana, id)).toHaveLength(1);
    await ring(169, ana.tenant, id);
    expect(await flags(ana, id)).toHaveLength(2);
  });

  it('rings again at its time when it rings too early', async () => {
    const ana = service.person();
    const id = await dispatched(ana);
    const [first] = await alarms(id);
    await owner.rows('DELETE FROM graphile_worker._private_jobs WHERE key = $1', [`deadline:${id}`]);
    await ring(167, ana.tenant, id);
    expect(await alarms(id)).toEqual([first]);
    // Another process has set it for another wait meanwhile, which is not undone.
    await owner.rows('UPDATE graphile_worker._private_jobs SET run_at = $2 WHERE key = $1', [
      `deadline:${id}`,
      '2026-01-01T00:00:00Z',
    ]);
    await ring(167, ana.tenant, id);
    expect(await alarms(id)).toMatchObject([{ run_at: new Date('2026-01-01T00:00:00Z') }]);
    expect(await flags(ana, id)).toEqual([]);
  });

  it('has an alarm each, when many are dispatched', async () => {
    const ana = service.person();
    const ids = [(await ana.raise()).id, (await ana.raise()).id];
    await ana.post('/v1/exceptions/bulk/dispatch', { exceptionIds: ids, targetSystem: 'MANUAL' });
    for (const id of ids) expect(await alarms(id)).toHaveLength(1);
  });
});

describe('what the ledger was asked to book and does not answer', () => {
  it('is flagged as well, after its own hours, whether it was approved before or not', async () => {
    const tenant = `tenant-${newId()}`;
    const [ana, ben] = ['ana', 'ben'].map((actor) => service.person({ tenant, actor })) as [Person, Person];
    const body = { url: 'https://ledger.acme.example/postings' };
    expect((await ana.send('PUT', '/v1/connections/LEDGER', { body })).status).toBeLessThan(300);
    const rules = [{ command: 'force_match', severity: 'CRITICAL', approvers: 1 }];
    await ana.send('PUT', '/v1/approval-policy', { body: { rules } });
    const match = { overrideReason: 'BUSINESS_DECISION', notes: 'Seen.' };
    for (const severity of ['LOW', 'CRITICAL']) {
      const { id } = await ana.raise({ severity });
      await act(ana, id, 'force-match', match);
      if (severity === 'CRITICAL') await act(ben, id, 'approve');
      const { pending, pendingSince, proposal } = await found(ana, id);
      expect(pending).toBe('ledger');
      expect(await alarms(id)).toMatchObject([{ run_at: new Date(Date.parse(pendingSince) + 4 * hour) }]);
      await ring(5, tenant, id);
      expect((await found(ana, id)).flaggedAt).toEqual(expect.any(String));
      const { postingId } = proposal;
      expect(await flags(ana, id)).toMatchObject([
        { data: { waitsFor: 'ledger', since: pendingSince, ...(postingId && { postingId }) } },
      ]);
    }
  });
});

describe('alarms that are missing', () => {
  const sweep = () => service.app.get(Deadlines).scheduleMissingDeadlines();
  const waited = (tenant_id: string, hours: number, over: object = {}) => ({
    tenant_id,
    status: 'PENDING_RESOLUTION',
    pending: 'external',
    pending_since: new Date(Date.now() - hours * hour).toISOString(),
    ...over,
  });

  const expiring = (hours: number) => ({
    proposedBy: 'ana',
    expiresAt: new Date(Date.now() + hours * hour).toISOString(),
  });

  beforeEach(async () => {
    await owner.rows('UPDATE exception SET flagged_at = now() WHERE pending IS NOT NULL');
    await owner.rows('DELETE FROM graphile_worker._private_jobs');
  });

  it('are set for what is overdue, of whatever tenant and wait, once', async () => {
    const [ana, ben] = [service.person(), service.person()];
    const overdue = await writeExceptions(owner, [
      waited(ana.tenant, 169),
      waited(ben.tenant, 999),
      waited(ben.tenant, 5, { pending: 'ledger' }),
      waited(ben.tenant, 73, { pending: 'approval' }),
      waited(ben.tenant, 80, { pending: 'approval', proposal: expiring(-1) }),
      waited(ben.tenant, 5, { pending: 'ledger', proposal: expiring(1) }),
    ]);
    const others = await writeExceptions(owner, [
      waited(ana.tenant, 167),
      waited(ana.tenant, 3, { pending: 'ledger' }),
      waited(ben.tenant, 71, { pending: 'approval' }),
      waited(ben.tenant, 80, { pending: 'approval', proposal: expiring(1) }),
      waited(ben.tenant, 999, { flagged_at: new Date().toISOString() }),
    ]);
    expect(await sweep()).toBe(6);
    for (const { id, tenant_id: tenant } of overdue)
      expect(await alarms(id)).toMatchObject([{ payload: { tenant, id } }]);
    for (const { id } of others) expect(await alarms(id)).toEqual([]);
    expect(await sweep()).toBe(0);
  });

  it('are those that were given up, too, and those that were set for later than hours are now', async () => {
    const ana = service.person();
    const id = await dispatched(ana);
    await owner.rows(`UPDATE exception SET pending_since = now() - interval '1 year' WHERE id = $1`, [id]);
    for (const change of ['run_at = now(), attempts = max_attempts', `run_at = now() + interval '1 day'`]) {
      await owner.rows(`UPDATE graphile_worker._private_jobs SET ${change} WHERE key = $1`, [
        `deadline:${id}`,
      ]);
      expect(await sweep()).toBe(1);
      const again = await owner.rows(
        `SELECT attempts, run_at <= now() AS due FROM graphile_worker._private_jobs WHERE key = $1`,
        [`deadline:${id}`],
      );
      expect(again).toEqual([{ attempts: 0, due: true }]);
      expect(await sweep()).toBe(0);
    }
    await service.app.get(Deadlines).runJob(ana.tenant, id);
    expect(await flags(ana, id)).toHaveLength(1);
  });

  it('are set in batches, all of them', async () => {
    const { tenant } = service.person();
    await writeExceptions(
      owner,
      Array.from({ length: 2100 }, () => waited(tenant, 200)),
    );
    expect(await sweep()).toBe(2100);
    expect(await sweep()).toBe(0);
  });
});

describe('a service whose engine runs', () => {
  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 15_000; !(await isSo()); await pause(50))
      if (Date.now() > end) throw new Error('it did not come to that in time');
  }

  it('flags what waits too long, gives back undecided proposals, and notifies the subscribed endpoints', async () => {
    const listener = await listen();
    const running = await startTestApp({
      WORKERS: '2',
      PENDING_FLAG_HOURS: '{"external":0.0001,"ledger":4}',
      EGRESS_ALLOW: listener.origin,
    });
    const its = ownerOf(running.database.url);
    try {
      const ana = running.person();
      const endpoint = { url: listener.url, events: ['exception.waits_too_long', 'exception.returned'] };
      listener.secrets.push((await ana.post('/v1/webhook-endpoints', endpoint)).body.secret);
      await ana.send('PUT', '/v1/approval-policy', {
        body: { rules: [{ command: 'resolve', approvers: 1 }] },
      });
      const [external, proposed, former] = [
        await dispatched(ana),
        (await ana.raise()).id,
        (await ana.raise()).id,
      ];
      for (const id of [proposed, former])
        expect((await act(ana, id, 'resolve', { resolution: 'ACCEPTED' })).body.pending).toBe('approval');
      // Three days are over.
      await its.rows(
        `UPDATE exception SET proposal = jsonb_set(proposal::jsonb, '{expiresAt}', '"2020-01-01T00:00:00.000Z"')::json
         WHERE pending = 'approval'`,
      );
      await its.rows('UPDATE graphile_worker._private_jobs SET run_at = now() WHERE key = $1', [
        `deadline:${proposed}`,
      ]);
      // As it was set by the version before this one.
      await its.rows('DELETE FROM graphile_worker._private_jobs WHERE key = $1', [`deadline:${former}`]);
      await its.rows(`SELECT graphile_worker.add_job('expire_proposal', $1, job_key => $2)`, [
        JSON.stringify({ tenant: ana.tenant, id: former }),
        `expire_proposal:${former}`,
      ]);
      await until(async () => listener.taken.length === 3);
      expect((await found(ana, external)).flaggedAt).toEqual(expect.any(String));
      for (const id of [proposed, former]) expect((await found(ana, id)).status).toBe('OPEN');
      const delivered = listener.taken.map(({ verified, body }) => [
        verified,
        body.type,
        body.data.exceptionId,
      ]);
      expect(new Set(delivered)).toEqual(
        new Set([
          [true, 'exception.waits_too_long', external],
          [true, 'exception.returned', proposed],
          [true, 'exception.returned', former],
        ]),
      );
      expect(await historyFlaws(its)).toEqual([]);
    } finally {
      await its.end();
      await running.close();
      await listener.close();
    }
  }, 60_000);
});

describe('the metrics', () => {
  /** `redress_pending_…` → value. */
  const waits = async (): Promise<Record<string, number>> => {
    const { status, text } = await service.send('GET', '/metrics');
    expect(status).toBe(200);
    const lines = text.split('\n').filter((line) => line.startsWith('redress_pending_'));
    return Object.fromEntries(
      lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]),
    );
  };

  it('count what waits in all tenants, what of it was flagged, and how long', async () => {
    await owner.rows(`DELETE FROM exception WHERE pending IS NOT NULL AND history_seq = 0`);
    const before = await waits();
    expect(Object.keys(before)).toHaveLength(9);
    const since = new Date(Date.now() - 1_000_000 * 1000).toISOString();
    const row = { status: 'PENDING_RESOLUTION', pending: 'ledger', pending_since: since };
    await writeExceptions(owner, [
      { ...row, tenant_id: 'a' },
      { ...row, tenant_id: 'b', flagged_at: since },
    ]);
    const after = await waits();
    expect(after).toMatchObject({
      'redress_pending_exceptions{wait="ledger"}': before['redress_pending_exceptions{wait="ledger"}']! + 2,
      'redress_pending_flagged{wait="ledger"}': before['redress_pending_flagged{wait="ledger"}']! + 1,
      'redress_pending_exceptions{wait="external"}': before['redress_pending_exceptions{wait="external"}']!,
    });
    const oldest = after['redress_pending_oldest_seconds{wait="ledger"}']!;
    expect(oldest).toBeGreaterThanOrEqual(1_000_000);
    expect(oldest).toBeLessThan(1_000_100);
  });

  it('are served without them when the database does not answer in time, or refuses', async () => {
    await owner.rows('BEGIN');
    await owner.rows('LOCK TABLE exception IN ACCESS EXCLUSIVE MODE');
    const begun = Date.now();
    expect(await waits()).toEqual({});
    expect(Date.now() - begun).toBeLessThan(3000);
    await owner.rows('ROLLBACK');
    await pause(50);
    await owner.rows('ALTER FUNCTION redress_waits RENAME TO redress_other');
    expect(await waits()).toEqual({});
    await owner.rows('ALTER FUNCTION redress_other RENAME TO redress_waits');
    expect(Object.keys(await waits())).toHaveLength(9);
  });
});
