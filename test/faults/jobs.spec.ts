import { setTimeout as pause } from 'node:timers/promises';
import type { Runner } from 'graphile-worker';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { JobEngine, type JobEngineOptions, type JobPayload } from '../../libs/typeorm/src/jobs/engine';
import { commit, type Write } from '../../libs/typeorm/src/unit-of-work/commit';
import type { Job } from '../../libs/typeorm/src/jobs/job-spec';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { appRole } from '../../libs/typeorm/src/database/app-role';
import { openDatabase, openJobPool } from '../../libs/typeorm/src/database/data-source';
import { sqlState } from '../../libs/typeorm/src/database/sql-state';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { databaseProxy } from '../support/database-proxy';
import { ownerOf, type Owner } from '../support/owner';
import { until } from '../support/until';

const tenant = 'acme';

let database: FreshDatabase;
let owner: Owner;
let dataSource: DataSource;
let connections: TenantPool;
const engines: JobEngine[] = [];

beforeEach(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
  dataSource = await openDatabase({
    url: database.url,
    pool: 4,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 3000,
  });
  connections = TenantPool.of(dataSource);
}, 60_000);

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  await dataSource.destroy();
  await owner.end();
  await database.drop();
});

const job = (id: string, over: Partial<Job> = {}): Job => ({
  task: 'ring',
  payload: JSON.stringify({ tenant, id }),
  job_key: `ring:${id}`,
  priority: 0,
  ...over,
});
/** Something to write beside the jobs, and whether it is there. */
const note = (key: string): Write => ({
  kind: 'reply',
  rows: [{ key, fingerprint: 'f', answer: 'a', expires_at: new Date(Date.now() + 60_000) }],
});
const impossible: Write = {
  kind: 'update',
  table: 'exception',
  set: ['version'],
  guard: ['version'],
  rows: [{ id: newId(), version: 2, was_version: 1 }],
};
const commitAll = (...writes: Write[]) => connections.use(tenant, (c) => commit(c, tenant, writes));
const schedule = (...rows: Job[]): Write => ({ kind: 'schedule', rows });
const jobs = () =>
  owner.rows<{ key: string; payload: JobPayload; soon: boolean }>(
    `SELECT key, payload, run_at <= now() AS soon FROM graphile_worker._private_jobs ORDER BY id`,
  );
const notes = async () =>
  (await owner.rows('SELECT key FROM idempotency ORDER BY key')).map(({ key }) => key);

async function startEngine(tasks: JobEngineOptions['tasks'], over: Partial<JobEngineOptions> = {}) {
  const said: string[] = [];
  const url = database.url;
  const engine = new JobEngine({
    pool: openJobPool({ url, pool: 4, statementTimeoutMs: 10_000, role: appRole }),
    workers: 2,
    tasks,
    cronJobs: {},
    patienceMs: 1000,
    log: { error: (_, message) => said.push(message), warn: () => undefined, debug: () => undefined },
    ...over,
  });
  engines.push(engine);
  await engine.start();
  return { engine, said };
}

describe('a job that is scheduled with a commit', () => {
  it.each([1, 3])('is there when the commit is: %i of them', async (count) => {
    const ids = Array.from({ length: count }, () => newId());
    await commitAll(note('k'), schedule(...ids.map((id) => job(id))));
    expect(await notes()).toEqual(['k']);
    expect((await jobs()).map(({ payload }) => payload)).toEqual(ids.map((id) => ({ tenant, id })));
  });

  it.each([1, 3])('is not there when the commit failed: %i of them', async (count) => {
    const ids = Array.from({ length: count }, () => newId());
    const failed = commitAll(note('k'), schedule(...ids.map((id) => job(id))), impossible);
    expect(sqlState(await failed.catch((error: unknown) => error))).toBe('RD001');
    expect([await notes(), await jobs()]).toEqual([[], []]);
  });

  it('takes the place of the one with the same key, time included', async () => {
    await commitAll(schedule(job('a', { run_at: new Date(Date.now() + 60_000) })));
    expect(await jobs()).toMatchObject([{ key: 'ring:a', soon: false }]);
    await commitAll(schedule(job('a')));
    expect(await jobs()).toMatchObject([{ key: 'ring:a', soon: true }]);
  });

  it('is missed, and the commit fails, when the one with its key begins at that very moment', async () => {
    await commitAll(schedule(job('a')));
    const worker = new Client({ connectionString: database.url });
    await worker.connect();
    await worker.query('BEGIN');
    await worker.query(`UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'w'`);
    const committing = commitAll(note('k'), schedule(job('a'))).catch((error: unknown) => error);
    await pause(100);
    await worker.query('COMMIT');
    await worker.end();
    expect(sqlState(await committing)).toBe('RD001');
    expect(await notes()).toEqual([]);
    // Run again, it finds the other one begun, and makes a new one beside it.
    await commitAll(note('k'), schedule(job('a')));
    expect(await jobs()).toMatchObject([{ key: null }, { key: 'ring:a' }]);
  });
});

describe('the job engine', () => {
  it('runs what was committed at once, and what has a time then', async () => {
    const rung: [id: string, at: number][] = [];
    await startEngine({
      ring: async ({ tenant: of, id }) => {
        expect(of).toBe(tenant);
        rung.push([id, Date.now()]);
      },
    });
    const waits: number[] = [];
    for (let i = 0; i < 11; i++) {
      await commitAll(schedule(job(String(i))));
      const committed = Date.now();
      await until(() => rung.length === i + 1);
      waits.push(rung[i]![1] - committed);
      await pause(10);
    }
    expect(waits.sort((a, b) => a - b)[5]).toBeLessThan(50);

    const due = Date.now() + 300;
    await commitAll(schedule(job('later', { run_at: new Date(due) })));
    await until(() => rung.length === 12);
    expect(rung[11]![1]).toBeGreaterThanOrEqual(due - 5);
    await until(() => rung.length === 12);
    await pause(50);
    expect(await jobs()).toEqual([]);
  });

  it('runs a job again that failed, and keeps what was wrong out of the table of jobs', async () => {
    let tries = 0;
    const { said } = await startEngine({
      ring: async () => {
        if (++tries === 1) throw new Error('password=secret');
      },
    });
    await commitAll(schedule(job('a')));
    await until(() => tries === 1);
    await pause(100);
    const [kept] = await owner.rows('SELECT last_error, run_at FROM graphile_worker._private_jobs');
    expect(kept!['last_error']).toBe('see the log of the service');
    expect(said).toEqual(['background work failed']);
    await until(() => tries === 2, 10_000);
  }, 20_000);

  it('shares the work between processes, each job once', async () => {
    const rung = new Map<string, number>();
    const ring = async ({ id }: JobPayload) => {
      rung.set(id, (rung.get(id) ?? 0) + 1);
      await pause(1);
    };
    await Promise.all([startEngine({ ring }), startEngine({ ring })]);
    await commitAll(schedule(...Array.from({ length: 200 }, (_, i) => job(String(i)))));
    await until(() => rung.size === 200, 10_000);
    expect([...rung.values()].filter((times) => times !== 1)).toEqual([]);
  }, 20_000);

  it('goes on by itself when the database was away', async () => {
    const proxy = await databaseProxy(database.url);
    const rung: string[] = [];
    const ring = async ({ id }: JobPayload) => void rung.push(id);
    const pool = openJobPool({ url: proxy.url, pool: 4, statementTimeoutMs: 10_000, role: appRole });
    const { engine } = await startEngine({ ring }, { pool });
    await commitAll(schedule(job('before')));
    await until(() => rung.includes('before'));
    proxy.takeAway();
    await commitAll(schedule(job('meanwhile')));
    await pause(500);
    expect(rung).toEqual(['before']);
    proxy.restore();
    await until(() => rung.includes('meanwhile'), 20_000);
    engines.splice(engines.indexOf(engine), 1);
    await engine.stop();
    await proxy.close();
  }, 30_000);

  it('lets running jobs finish when it is stopped, asks them to, and begins no more', async () => {
    const progress: string[] = [];
    const { engine } = await startEngine(
      {
        ring: async ({ id }, signal) => {
          progress.push(`${id} begins`);
          await pause(10_000, undefined, { signal }).catch(() => progress.push(`${id} is asked to end`));
          progress.push(`${id} ends`);
        },
      },
      { workers: 1, patienceMs: 200 },
    );
    await commitAll(schedule(job('a'), job('b')));
    await until(() => progress.length === 1);
    await engine.stop();
    engines.splice(engines.indexOf(engine), 1);
    expect(progress).toEqual(['a begins', 'a is asked to end', 'a ends']);
    expect((await jobs()).map(({ key }) => key)).toEqual(['ring:b']);
  });

  it('leaves everything to others when it has no workers', async () => {
    let rung = 0;
    const ring = async () => {
      rung++;
    };
    await startEngine({ ring }, { workers: 0 });
    await commitAll(schedule(job('a')));
    await pause(200);
    expect(rung).toBe(0);
    await startEngine({ ring });
    await until(() => rung === 1);
  });

  it('works as a role that may do nothing else with its tables', async () => {
    const rights = await owner.rows(
      `SELECT c.relname AS name, array_agg(r.name ORDER BY r.name) AS rights FROM pg_class c,
         unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS r(name)
       WHERE c.relnamespace = 'graphile_worker'::regnamespace AND c.relkind = 'r' AND has_table_privilege('redress_app', c.oid, r.name)
       GROUP BY 1 ORDER BY 1`,
    );
    const all = ['DELETE', 'INSERT', 'SELECT', 'UPDATE'];
    expect(Object.fromEntries(rights.map(({ name, rights: of }) => [name, of]))).toEqual({
      _private_job_queues: all,
      _private_jobs: all,
      _private_known_crontabs: ['INSERT', 'SELECT', 'UPDATE'],
      _private_tasks: ['INSERT', 'SELECT'],
      migrations: ['SELECT'],
    });
  });

  it('has numbers for tasks without end, although every scheduled job takes one', async () => {
    await owner.rows(
      `SELECT setval(pg_get_serial_sequence('graphile_worker._private_tasks', 'id'), 2147483647 - 2)`,
    );
    for (const id of ['a', 'b', 'c', 'd', 'e']) await commitAll(schedule(job(id)));
    expect(await jobs()).toHaveLength(5);
  });
});

describe('the report of a job that is lost while the next one runs', () => {
  /** A pool on which the first report of a finished job fails, some time after the next job has begun. */
  function losingPool() {
    const pool = openJobPool({ url: database.url, pool: 4, statementTimeoutMs: 10_000, role: appRole });
    let lost = false;
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...given: unknown[]) => unknown;
      const losing = (...given: unknown[]): unknown => {
        const { text = given[0] } = given[0] as { text?: unknown };
        // The goodbye to the listener takes longer, as on a silent connection.
        if (/unlisten/i.test(String(text))) return pause(1500).then(() => query(...given));
        if (lost || !/delete from .*_private_jobs/is.test(String(text))) return query(...given);
        lost = true;
        return pause(100).then(() => Promise.reject(new Error('the report was lost')));
      };
      Object.assign(client, { query: losing });
    });
    return { pool, isLost: () => lost };
  }
  const tasks = (rung: string[]): JobEngineOptions['tasks'] => ({
    ring: async ({ id }) => {
      rung.push(id);
      if (id === 'second') await pause(300);
    },
  });
  const both = () => commitAll(schedule(job('first'), job('second')));

  it('does not end background work', async () => {
    const { pool, isLost } = losingPool();
    const rung: string[] = [];
    await both();
    await startEngine(tasks(rung), { pool, workers: 1 });
    await until(() => isLost() && rung.includes('second'));
    await pause(3000);
    await commitAll(schedule(job('third')));
    await until(() => rung.includes('third'), 15_000);
  }, 40_000);

  it('would leave an engine without that deadline waiting for itself', async () => {
    const { pool, isLost } = losingPool();
    const rung: string[] = [];
    await both();
    const { engine } = await startEngine(tasks(rung), { pool, workers: 1, patienceMs: 600_000 });
    const { runner } = engine as unknown as { runner: Runner };
    const naive = Promise.race([runner.promise.then(String, String), pause(6000, 'waits', { ref: false })]);
    await until(() => isLost() && rung.includes('second'));
    expect(await naive).toBe('waits');
  }, 40_000);
});
