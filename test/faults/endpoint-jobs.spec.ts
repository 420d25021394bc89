import { timestamp } from '@redress/domain';
import { jobPriority } from '@redress/domain/integrations';
import { CircuitBreakers, DeliveryWorker, isTrouble, type DeliveryWorkerOptions } from '@redress/connectors';
import { Client } from 'pg';
import { newId } from '../../apps/api/src/ids';
import { JobEngine } from '../../libs/typeorm/src/jobs/engine';
import { appRole } from '../../libs/typeorm/src/database/app-role';
import { openDatabase, openJobPool } from '../../libs/typeorm/src/database/data-source';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { PostgresDeliveries } from '../../libs/typeorm/src/repositories/delivery.repository';
import { commit } from '../../libs/typeorm/src/unit-of-work/commit';
import { mendTimes } from '../../libs/typeorm/src/jobs/mend-times';
import { dispatchTask, scheduledJob } from '../../libs/typeorm/src/jobs/job-spec';
import { ownerOf, type Owner } from '../support/owner';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { subscribe } from '../support/crash/publishing';
import { until } from '../support/until';

const tenant = 'acme';
let database: FreshDatabase;
let owner: Owner;
let dataSource: Awaited<ReturnType<typeof openDatabase>>;
let pool: TenantPool;

beforeEach(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
  dataSource = await openDatabase({
    url: database.url,
    pool: 4,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 3000,
  });
  pool = TenantPool.of(dataSource);
}, 60_000);

afterEach(async () => {
  await dataSource.destroy();
  await owner.end();
  await database.drop();
});

/** Lines of the histories of so many exceptions, each published to the endpoints of the tenant in the same statement. */
const published = `SELECT redress_tell_endpoints($1, ids, array_fill('1'::text, ARRAY[cardinality(ids)]), ids,
    array_fill('exception.raised'::text, ARRAY[cardinality(ids)]), array_fill(now()::text, ARRAY[cardinality(ids)]))
  FROM (SELECT array_agg(x) AS ids FROM unnest($2::text[]) AS x) s`;
const lines = `INSERT INTO history (tenant_id, exception_id, seq, id, type, at, payload, prev_hash, hash)
  SELECT $1, x, 1, x, 'exception.raised', now(), '{"id":"x","changes":{}}', '', '' FROM unnest($2::uuid[]) AS x`;
async function tell(count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => newId());
  await owner.rows(lines, [tenant, ids]);
  await owner.rows(published, [tenant, ids]);
}
const jobs = () =>
  owner.rows<{ key: string; due: boolean; held: boolean }>(
    `SELECT key, run_at <= now() AS due, (payload->>'held') IS NOT NULL AS held FROM graphile_worker._private_jobs ORDER BY id`,
  );
const lanes = async () => (await owner.rows('SELECT FROM webhook_lane')).length;
const endpointIds = async () =>
  (await owner.rows<{ id: string }>('SELECT id FROM webhook_endpoint')).map(({ id }) => id);

const worker = (over: Partial<DeliveryWorkerOptions>): DeliveryWorker =>
  new DeliveryWorker({
    deliveries: new PostgresDeliveries(pool),
    vault: {
      encrypt: () => '',
      decrypt: () => ({ current: `whsec_${Buffer.alloc(32, 1).toString('base64')}` }),
    },
    egress: { request: async () => ({ kind: 'answer', status: 200, headers: {}, body: '' }) },
    gates: new CircuitBreakers({ concurrency: 8, failures: 5, pauseMs: 30_000 }, isTrouble),
    clock: () => new Date(Date.now() + 5),
    timeoutMs: 20_000,
    failed: (error) => {
      throw error;
    },
    ...over,
  });

/** Counts what the engine's table of jobs was written to. */
async function jobWrites(work: () => Promise<unknown>): Promise<number> {
  const count = async () => {
    const [row] = await owner.rows<{ writes: string }>(
      `SELECT n_tup_ins + n_tup_upd + n_tup_del AS writes FROM pg_stat_user_tables WHERE relname = '_private_jobs'`,
    );
    return Number(row!.writes);
  };
  const before = await count();
  await work();
  // Statistics of a session are seen once it has been idle for a moment.
  let after = await count();
  await until(async () => {
    const next = await count();
    const isStill = next === after && next > before;
    after = next;
    return isStill;
  }, 5000).catch(() => undefined);
  return after - before;
}

describe('the job of an endpoint', () => {
  it('is one, however many exceptions have events for it', async () => {
    for (let i = 0; i < 3; i++) await subscribe(owner, tenant);
    await tell(500);
    await tell(1);
    expect(await jobs()).toHaveLength(3);
    expect(await lanes()).toBe(3 * 501);
  });

  it('is put off once for all of them while the endpoint is left alone, and no event rings it earlier', async () => {
    await subscribe(owner, tenant);
    const [id = ''] = await endpointIds();
    const gates = new CircuitBreakers({ concurrency: 8, failures: 5, pauseMs: 30_000 }, isTrouble);
    const dead = worker({ gates, egress: { request: async () => ({ kind: 'not_sent', problem: 'Dead.' }) } });
    await tell(2000);
    await dead.deliver({ tenant, id });
    await dead.idle();
    expect(gates.of(tenant, id).state).toBe('open');
    expect(await jobs()).toEqual([{ key: `deliver:${id}`, due: false, held: true }]);
    const writes = await jobWrites(async () => {
      for (let i = 0; i < 20; i++) await tell(50);
    });
    // Statistics of what was written before may come late.
    expect(writes).toBeLessThan(5);
    // As it was with a job for each exception: what the worker does once in 30 seconds was done for each of them.
    const naive = await jobWrites(() =>
      owner.rows(
        `SELECT graphile_worker.add_jobs((SELECT array_agg(ROW('deliver', NULL, NULL, now() + interval '30 s', 25,
           'deliver:' || l.endpoint_id || '.' || l.exception_id, NULL, NULL)::graphile_worker.job_spec) FROM webhook_lane l))`,
      ),
    );
    expect(naive).toBeGreaterThan(2000);
  }, 30_000);

  it('ends with the last event, and drains thousands of events of one endpoint', async () => {
    await subscribe(owner, tenant);
    const [id = ''] = await endpointIds();
    await tell(1000);
    let sent = 0;
    const its = worker({
      egress: {
        request: async () => {
          sent++;
          return { kind: 'answer', status: 200, headers: {}, body: '' };
        },
      },
    });
    await its.deliver({ tenant, id });
    await its.idle();
    expect([sent, await lanes(), await jobs()]).toEqual([1000, 0, []]);
  }, 60_000);

  it('stays for an event that is being committed while the worker finds nothing more', async () => {
    await subscribe(owner, tenant);
    const [endpointId = ''] = await endpointIds();
    const deliveries = new PostgresDeliveries(pool);
    const claim = () =>
      deliveries.claim(
        { tenant, endpointId },
        timestamp(new Date()),
        timestamp(new Date(Date.now() + 60_000)),
        8,
      );
    const ring = `SELECT redress_set_endpoint_job($1, $2::uuid, now(), NULL)`;
    await owner.rows(ring, [tenant, endpointId]);
    const committing = new Client({ connectionString: database.url });
    await committing.connect();
    await committing.query('BEGIN');
    await committing.query(published, [tenant, [newId()]]);
    expect(await claim()).toEqual([]);
    expect(await jobs()).toHaveLength(1);
    await committing.query('COMMIT');
    await until(async () => (await jobs())[0]?.due === true);
    // Without anything on its way, the job ends: that it stayed was for the commit.
    await owner.rows('DELETE FROM webhook_lane');
    expect(await claim()).toEqual([]);
    expect(await jobs()).toEqual([]);
    await committing.end();
  }, 30_000);
});

describe('a clock that was an hour ahead for a moment', () => {
  it('stops an endpoint for a minute at most: what lies further ahead than a schedule reaches is brought back', async () => {
    await subscribe(owner, tenant);
    const [id = ''] = await endpointIds();
    await tell(3);
    const ahead = worker({
      clock: () => new Date(Date.now() + 3_600_000),
      egress: { request: async () => ({ kind: 'answer', status: 500, headers: {}, body: '' }) },
      gates: new CircuitBreakers({ concurrency: 2, failures: 1, pauseMs: 30_000 }, isTrouble),
    });
    await ahead.deliver({ tenant, id });
    await ahead.idle();
    const sent: unknown[] = [];
    const right = worker({
      egress: {
        request: async (request) => {
          sent.push(request);
          return { kind: 'answer', status: 200, headers: {}, body: '' };
        },
      },
    });
    await right.deliver({ tenant, id });
    await right.idle();
    // Without mending, those that were tried meanwhile wait for an hour.
    const left = await lanes();
    expect(left).toBeGreaterThan(0);
    expect(await mendTimes(dataSource)).toBeGreaterThan(0);
    await right.deliver({ tenant, id });
    await right.idle();
    expect(await lanes()).toBe(0);
    expect(sent).toHaveLength(3);
  }, 30_000);

  it('leaves what is planned as it is', async () => {
    await subscribe(owner, tenant);
    const [id = ''] = await endpointIds();
    await tell(3);
    const failing = worker({
      egress: {
        request: async () => ({ kind: 'answer', status: 503, headers: { 'retry-after': '80000' }, body: '' }),
      },
    });
    await failing.deliver({ tenant, id });
    await failing.idle();
    const before = await owner.rows('SELECT next_attempt_at FROM delivery ORDER BY event_id');
    await mendTimes(dataSource);
    expect(await owner.rows('SELECT next_attempt_at FROM delivery ORDER BY event_id')).toEqual(before);
  }, 30_000);
});

describe('due jobs', () => {
  const ran: string[] = [];
  const engine = () =>
    new JobEngine({
      pool: openJobPool({ url: database.url, pool: 3, statementTimeoutMs: 10_000, role: appRole }),
      workers: 1,
      tasks: {
        dispatch: async ({ id }) => void ran.push(id),
        deliver: async () => void ran.push('event'),
      },
      cronJobs: {},
      patienceMs: 1000,
      log: { error: () => undefined, warn: () => undefined, debug: () => undefined },
    });
  const schedule = (of: string, count: number, priority: number, name: string) =>
    pool.use(of, (session) =>
      commit(session, of, [
        {
          kind: 'schedule',
          rows: Array.from({ length: count }, (_, i) =>
            scheduledJob(dispatchTask, of, `${name}-${i}`, priority),
          ),
        },
      ]),
    );

  it('are run by importance, and each tenant has its share: one posting does not wait for what was there before', async () => {
    for (let i = 0; i < 40; i++) await subscribe(owner, tenant);
    await tell(5);
    await schedule(tenant, 60, jobPriority.dispatch, 'ticket');
    await schedule(tenant, 60, jobPriority.posting, 'posting');
    await schedule('another', 1, jobPriority.posting, 'theirs');
    await schedule('another', 1, jobPriority.dispatch, 'their-ticket');
    ran.length = 0;
    const running = engine();
    await running.start();
    await until(() => ran.length === 60 + 60 + 2 + 40, 20_000);
    await running.stop();
    expect(ran.slice(0, 2)).toContain('theirs-0');
    expect(ran.slice(61, 63)).toContain('their-ticket-0');
    expect(ran.slice(-40)).toEqual(Array(40).fill('event'));
  }, 40_000);

  it('would be run as they came without priorities', async () => {
    await schedule(tenant, 60, jobPriority.posting, 'posting');
    await schedule('another', 1, jobPriority.posting, 'theirs');
    await owner.rows('UPDATE graphile_worker._private_jobs SET priority = 0');
    ran.length = 0;
    const running = engine();
    await running.start();
    await until(() => ran.length === 61, 20_000);
    await running.stop();
    expect(ran.slice(0, 2)).not.toContain('theirs-0');
  }, 40_000);
});
