import { setTimeout as pause } from 'node:timers/promises';
import { timestamp } from '@redress/domain';
import { attemptDelaysMs } from '@redress/domain/integrations';
import { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import {
  AesVault,
  Egress,
  type EgressAnswer,
  EgressAllowance,
  CircuitBreakers,
  DeliveryWorker,
  isTrouble,
  type DeliveryWorkerOptions,
} from '@redress/connectors';
import { JobEngine } from '../../libs/typeorm/src/jobs/engine';
import { releaseAbandonedJobs } from '../../libs/typeorm/src/jobs/abandoned-jobs';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { appRole } from '../../libs/typeorm/src/database/app-role';
import { openDatabase, openJobPool } from '../../libs/typeorm/src/database/data-source';
import { PostgresDeliveries } from '../../libs/typeorm/src/repositories/delivery.repository';
import { sealingKey, startTestApp, type Person, type TestApp } from '../support/app';
import { listen, type Listener } from '../support/listener';
import { ownerOf, type Owner } from '../support/owner';
import { inParallel, itWithSeed, Randomness, shortOrLong } from '../support/seed';
import { startService, stopServices } from '../support/service-process';
import { until } from '../support/until';

let service: TestApp;
let owner: Owner;
let listener: Listener;
/** Of another tenant, which does not answer. */
let dead: Listener;
let dataSource: DataSource;
let ana: Person;

beforeEach(async () => {
  [listener, dead] = [await listen(), await listen()];
  // It only takes commands; who delivers is up to each test.
  service = await startTestApp({
    WORKERS: '0',
    DATABASE_POOL: '20',
    EGRESS_ALLOW: `${listener.origin},${dead.origin}`,
  });
  owner = ownerOf(service.database.url);
  dataSource = await openDatabase({
    url: service.database.url,
    pool: 10,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 3000,
  });
  ana = service.person();
}, 60_000);

afterEach(async () => {
  await stopServices();
  await dataSource.destroy();
  await owner.end();
  await service.close();
  await listener.close();
  await dead.close();
});

const path = '/v1/webhook-endpoints';
const vault = new AesVault(Buffer.from(sealingKey, 'base64'));

async function endpoint(url = listener.url): Promise<string> {
  const { body } = await ana.post(path, { url });
  listener.secrets.push(body.secret);
  return body.id;
}

const events = () =>
  owner.rows<{ id: string; exception_id: string; seq: number }>(
    'SELECT id, exception_id, seq FROM history ORDER BY exception_id, seq',
  );

/** A delivery worker in this process. */
const deliverer = (
  over: Pick<DeliveryWorkerOptions, 'egress' | 'gates'> & Partial<DeliveryWorkerOptions>,
): DeliveryWorker =>
  new DeliveryWorker({
    deliveries: new PostgresDeliveries(TenantPool.of(dataSource)),
    vault,
    clock: () => new Date(),
    timeoutMs: 20_000,
    failed: (error) => {
      throw error;
    },
    ...over,
  });

describe('an endpoint that never takes an event', () => {
  const hour = 3_600_000;

  it('is tried ten times by the schedule, and then no more', async () => {
    const id = await endpoint();
    await ana.raise();
    const tries: number[] = [];
    const start = Date.now() + 1000;
    let now = start;
    const its = deliverer({
      egress: {
        request: async (): Promise<EgressAnswer> => {
          tries.push(now);
          return { kind: 'answer', status: 500, headers: {}, body: '' };
        },
      },
      gates: new CircuitBreakers({ concurrency: 1, failures: 1000, pauseMs: 1 }, isTrouble),
      clock: () => new Date(now),
    });
    const lane = { tenant: ana.tenant, id };
    const delivery = async () =>
      (await owner.rows<{ state: string; next_attempt_at: Date | null }>('SELECT * FROM delivery'))[0]!;
    for (let i = 0; i < 12; i++) {
      await its.deliver(lane);
      await its.idle();
      const { next_attempt_at: next } = await delivery();
      if (!next) break;
      // A moment too early is too early.
      now = next.getTime() - 1;
      await its.deliver(lane);
      await its.idle();
      now = next.getTime();
    }
    expect((await delivery()).state).toBe('DEAD');
    const gaps = tries.map((at, i) => at - (tries[i - 1] ?? start));
    expect(gaps).toHaveLength(10);
    gaps.forEach((gap, i) => {
      expect(gap).toBeGreaterThanOrEqual(attemptDelaysMs[i]!);
      expect(gap).toBeLessThanOrEqual(attemptDelaysMs[i]! * 1.1 + 2);
    });
    expect(attemptDelaysMs.reduce((sum, delay) => sum + delay) / hour).toBeCloseTo(75.6, 1);
    const attempts = await owner.rows('SELECT attempt, status FROM delivery_attempt ORDER BY attempt');
    expect(attempts).toEqual(Array.from({ length: 10 }, (_, i) => ({ attempt: i + 1, status: 500 })));
  }, 30_000);
});

it('an event that is committed while the one before is being reported is sent at once', async () => {
  const endpointId = await endpoint();
  const { id: exceptionId } = await ana.raise();
  const lane = { tenant: ana.tenant, endpointId, exceptionId };
  const deliveries = new PostgresDeliveries(TenantPool.of(dataSource));
  const claim = async () => {
    const now = Date.now();
    const leaseUntil = timestamp(new Date(now + 30_000));
    return (await deliveries.claim(lane, timestamp(new Date(now)), leaseUntil))[0];
  };
  const claimed = (await claim())!;
  // When the report waits for this lock, it has taken its snapshot.
  await owner.rows(
    `CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS
     $$BEGIN IF NEW.state = 'DELIVERED' THEN PERFORM pg_advisory_xact_lock_shared(42); END IF; RETURN NEW; END$$;
     CREATE TRIGGER wait_here BEFORE UPDATE ON delivery FOR EACH ROW EXECUTE FUNCTION wait_here()`,
  );
  await owner.rows('SELECT pg_advisory_lock(42)');
  const at = timestamp(new Date());
  const reported = deliveries.report(lane, claimed, { at, ms: 1, status: 200, next: { state: 'DELIVERED' } });
  const waiting = async (event: string) =>
    (await owner.rows('SELECT FROM pg_stat_activity WHERE wait_event = $1', [event])).length > 0;
  await until(() => waiting('advisory'));
  const assigned = ana.post(`/v1/exceptions/${exceptionId}/assign`, { assignee: 'ben' });
  // It waits for the lane, which the report is about to end.
  await until(() => waiting('transactionid'));
  // What a job does that runs meanwhile: the first is still being sent.
  expect(await claim()).toBeUndefined();
  await owner.rows('SELECT pg_advisory_unlock(42)');
  await Promise.all([reported, assigned]);
  const jobs = await owner.rows<{ due: boolean }>(
    `SELECT run_at <= now() AS due FROM graphile_worker._private_jobs WHERE key LIKE 'deliver:%'`,
  );
  expect(jobs).toEqual([{ due: true }]);
  expect(await claim()).toMatchObject({ attempt: 1 });
}, 30_000);

/** The median time from when an event was committed until it was heard. */
async function latency(rounds: number): Promise<number> {
  const waits: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const before = listener.taken.length;
    await ana.raise();
    const committed = performance.now();
    await until(() => listener.taken.length > before, 30_000);
    waits.push(listener.taken[before]!.at - committed);
    await pause(5);
  }
  return waits.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
}

describe('an endpoint that is dead', () => {
  it('costs another nothing; where a worker waits for it, it costs the other everything', async () => {
    const never = new Promise<number>(() => undefined);
    dead.answer(() => never);
    const env = {
      WORKERS: '2',
      DELIVERY_TIMEOUT_MS: '3000',
      EGRESS_ALLOW: `${listener.origin},${dead.origin}`,
    };
    const running = await startService(service.database.url, env);
    await endpoint();
    await latency(10);
    const rounds = shortOrLong(30, 300);
    const alone = await latency(rounds);
    const ben = service.person();
    await ben.post(path, { url: dead.url });
    await inParallel(Array.from({ length: 40 }), 8, () => ben.raise());
    await until(() => dead.received.length >= 8, 10_000);
    const beside = await latency(rounds);
    expect(beside).toBeLessThan(alone * 1.05 + 5);
    await running.kill('SIGKILL');

    // The same with nothing in the way of the dead one, and a worker that waits for each answer.
    const egress = new Egress({ allow: EgressAllowance.parse(env.EGRESS_ALLOW)!, userAgent: 'naive' });
    const unlimited = new CircuitBreakers(
      { concurrency: Infinity, failures: Infinity, pauseMs: 1 },
      isTrouble,
    );
    const naive = new JobEngine({
      pool: openJobPool({ url: service.database.url, pool: 4, statementTimeoutMs: 10_000, role: appRole }),
      workers: 2,
      tasks: {
        deliver: async (lane) => {
          const one = deliverer({ egress, gates: unlimited, timeoutMs: 3000 });
          await one.deliver(lane);
          await one.idle();
        },
      },
      cronJobs: {},
      patienceMs: 1,
      log: { error: () => undefined, warn: () => undefined, debug: () => undefined },
    });
    await inParallel(Array.from({ length: 4 }), 4, () => ben.raise());
    await naive.start();
    await pause(200);
    expect(await latency(1)).toBeGreaterThan(alone * 1.05 + 5);
    await naive.stop();
  }, 60_000);
});

type Delivered = readonly Readonly<{ id: string; exceptionId: string; seq: number }>[];

/** What is wrong with the deliveries: events that were never delivered, or before an earlier one. */
async function flaws(delivered: Delivered): Promise<string[]> {
  const first = new Set<string>();
  const lastSeq = new Map<string, number>();
  const found: string[] = [];
  for (const { id, exceptionId, seq } of delivered) {
    if (first.has(id)) continue;
    first.add(id);
    const last = lastSeq.get(exceptionId) ?? 0;
    if (seq !== last + 1) found.push(`${exceptionId}: ${seq} after ${last}`);
    lastSeq.set(exceptionId, seq);
  }
  for (const { id } of await events()) if (!first.has(id)) found.push(`${id} was never told`);
  return found;
}

/** Eight people at work on a few exceptions, at random. */
async function work(random: Randomness, commands: number): Promise<void> {
  const exceptions = await inParallel(Array.from({ length: 10 }), 4, () => ana.raise());
  await inParallel(Array.from({ length: commands }), 8, async (_, i) => {
    const { id } = random.pick(exceptions);
    await pause(random.next() * 20);
    if (random.next() < 0.5) await ana.post(`/v1/exceptions/${id}/comments`, { content: `Comment ${i}` });
    else await ana.post(`/v1/exceptions/${id}/assign`, { assignee: `person-${i}` });
  });
}

describe('events of eight writers, delivered by two processes', () => {
  const commands = shortOrLong(150, 20_000);

  const deliveredTo = ({ taken }: Listener, seqs: Map<string, number>): Delivered =>
    taken.map(({ id, body }) => ({ id, exceptionId: body.data.exceptionId, seq: seqs.get(id)! }));

  itWithSeed(
    'are all told, and in order, although the receiver fails now and then and one process is killed',
    async (random) => {
      await endpoint();
      const fate = new Randomness(random.below(2 ** 31));
      const refused = new Set<string>();
      let killedAt: number | undefined;
      listener.answer(async ({ id, body }) => {
        await pause(fate.next() * 20);
        // Once, since after the second time it would be minutes until the next; the kill may have been the first.
        const isUntried = killedAt === undefined || Date.parse(body.timestamp) > killedAt;
        if (!isUntried || refused.has(id) || fate.next() >= 0.02) return 200;
        refused.add(id);
        return 500;
      });
      const env = { WORKERS: '3', DELIVERY_TIMEOUT_MS: '4000', EGRESS_ALLOW: listener.origin };
      const [first] = await Promise.all([
        startService(service.database.url, env),
        startService(service.database.url, env),
      ]);
      const killed = pause(400 + random.next() * 600).then(() => {
        killedAt = Date.now();
        return first.kill('SIGKILL');
      });
      await work(random, commands);
      await killed;
      // What the engine does each minute for jobs that are minutes old.
      const pool = new Pool({ connectionString: service.database.url, max: 1 });
      await pause(1000);
      await releaseAbandonedJobs(pool, 1000);
      await pool.end();
      const expected = (await events()).length;
      await until(
        () => new Set(listener.taken.map(({ id }) => id)).size === expected,
        shortOrLong(45_000, 600_000),
      );
      const seqs = new Map((await events()).map(({ id, seq }) => [id, seq]));
      expect(await flaws(deliveredTo(listener, seqs))).toEqual([]);
      expect(listener.received.every(({ verified }) => verified)).toBe(true);
      const left = await owner.rows(`SELECT state FROM delivery WHERE state <> 'DELIVERED'`);
      expect(left.length).toBeLessThanOrEqual(6);
    },
    shortOrLong(90_000, 1_800_000),
  );

  itWithSeed(
    'are lost by a worker that marks them as delivered before it sends them, and is killed',
    async (random) => {
      await work(random, 30);
      const all = await events();
      const delivered: Delivered[number][] = [];
      // Marks ten at a time, then tells them one by one, and ends in the middle of the third ten.
      for (let i = 0; i < all.length; i += 10) {
        const marked = all.slice(i, i + 10);
        const dies = i === 20;
        for (const { id, exception_id: exceptionId, seq } of dies ? marked.slice(0, 5) : marked)
          delivered.push({ id, exceptionId, seq });
      }
      expect(await flaws(delivered)).not.toEqual([]);
      expect(
        await flaws(all.map(({ id, exception_id, seq }) => ({ id, exceptionId: exception_id, seq }))),
      ).toEqual([]);
    },
    60_000,
  );
});
