import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'pg';
import { newId } from '../../apps/api/src/ids';
import { JobEngine } from '../../libs/typeorm/src/jobs/engine';
import { appRole } from '../../libs/typeorm/src/database/app-role';
import { openJobPool } from '../../libs/typeorm/src/database/data-source';
import { migrate } from '../../libs/typeorm/src/migrations/migrate';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { ownerOf, type Owner } from '../support/owner';
import { PostgresStarter } from '../support/postgres-starter';
import { lookUntil, until } from '../support/until';

/** Three times the bound of docs/running.md: the machine may be busy. */
const backWithinMs = 15_000;
const unavailable = [503, 'service_unavailable', '1'];

const essence = ({ status, body, headers }: Answer) => [status, body.title, headers['retry-after']];
const report = () => ({ transactionId: newId(), reason: 'Amount mismatch detected' });
const keyed = () => ({ 'x-idempotency-key': newId() });

type Desk = Readonly<{ service: TestApp; ana: Person; rung: string[]; engine: JobEngine }>;

/** The service, and background work, on this database. */
async function startDesk(url: string): Promise<Desk> {
  const service = await startTestApp({ DATABASE_URL: url });
  const rung: string[] = [];
  const engine = new JobEngine({
    pool: openJobPool({ url, pool: 4, statementTimeoutMs: 10_000, role: appRole }),
    workers: 2,
    tasks: { ring: async ({ id }) => void rung.push(id) },
    cronJobs: {},
    patienceMs: 1000,
    log: { error: () => undefined, warn: () => undefined, debug: () => undefined },
  });
  await engine.start();
  return { service, ana: service.person(), rung, engine };
}

async function stopDesk({ service, engine }: Desk): Promise<void> {
  await engine.stop();
  await service.close();
}

/** Changes and readiness are 503, reads are served. */
async function expectReadOnly({ service, ana }: Desk, id: string, reason: RegExp): Promise<void> {
  for (const headers of [{}, keyed()]) {
    expect(essence(await ana.post('/v1/exceptions', report(), headers))).toEqual(unavailable);
    const resolved = await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' }, headers);
    expect(essence(resolved)).toEqual(unavailable);
  }
  expect((await ana.get(`/v1/exceptions/${id}`)).body).toMatchObject({ status: 'OPEN', version: 1 });
  expect((await ana.get('/v1/exceptions')).status).toBe(200);
  const ready = await service.send('GET', '/health/ready');
  expect(essence(ready)).toEqual(unavailable);
  expect(ready.body.message).toMatch(reason);
  expect((await service.send('GET', '/health/live')).status).toBe(200);
}

const ring = (owner: Owner, id: string) =>
  owner.rows(`SELECT graphile_worker.add_job('ring', json_build_object('id', $1::text))`, [id]);

async function expectBack({ service, ana, rung }: Desk, owner: Owner): Promise<void> {
  const job = newId();
  await ring(owner, job);
  await Promise.all([
    lookUntil(
      () => ana.post('/v1/exceptions', report(), keyed()),
      ({ status }) => status === 201,
      backWithinMs,
    ),
    lookUntil(
      () => service.send('GET', '/health/ready'),
      ({ status }) => status === 200,
      backWithinMs,
    ),
    until(() => rung.includes(job), backWithinMs),
  ]);
  // Not one connection is left on which a change would fail.
  const raised = await Promise.all(Array.from({ length: 20 }, () => ana.post('/v1/exceptions', report())));
  expect(raised.map(({ status }) => status)).toEqual(Array(20).fill(201));
}

describe('a database whose sessions are read-only', () => {
  let database: FreshDatabase;
  let owner: Owner;
  let desk: Desk;

  beforeEach(async () => {
    database = await freshDatabase();
    owner = ownerOf(database.url);
    desk = await startDesk(database.url);
  }, 60_000);

  afterEach(async () => {
    await stopDesk(desk);
    await owner.end();
    await database.drop();
  });

  const name = () => new URL(database.url).pathname.slice(1);
  /** For sessions that begin from now on. */
  const readOnly = (on: boolean) =>
    owner.rows(`ALTER DATABASE ${name()} SET default_transaction_read_only = ${on}`);
  const sessions = async (): Promise<number[]> =>
    (
      await owner.rows<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      )
    ).map(({ pid }) => pid);
  const endSessions = () =>
    owner.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );

  it('serves reads, says so, and goes on by itself afterwards', async () => {
    const { id } = await desk.ana.raise();
    await readOnly(true);
    await endSessions();
    await lookUntil(
      () => desk.ana.get('/v1/exceptions'),
      ({ status }) => status === 200,
    );
    await expectReadOnly(desk, id, /read-only/);
    await readOnly(false);
    await expectBack(desk, owner);
  }, 60_000);

  it('is ready again without a change that would find out', async () => {
    await readOnly(true);
    await endSessions();
    await lookUntil(
      () => desk.service.send('GET', '/health/ready'),
      ({ body }) => /read-only/.test(String(body.message)),
    );
    await readOnly(false);
    await lookUntil(
      () => desk.service.send('GET', '/health/ready'),
      ({ status }) => status === 200,
      backWithinMs,
    );
  }, 60_000);

  it('does not keep background work busy', async () => {
    await readOnly(true);
    await endSessions();
    const made = async () => {
      const [{ sessions: count }] = (await owner.rows(
        `SELECT sessions FROM pg_stat_database WHERE datname = current_database()`,
      )) as [{ sessions: string }];
      return Number(count);
    };
    const before = await made();
    await pause(5000);
    // Two workers look for a job once a second, each time on a new connection, and the engine starts afresh now and then.
    expect((await made()) - before).toBeLessThan(60);
    await readOnly(false);
    await expectBack(desk, owner);
  }, 60_000);

  it('is left for one that takes changes without a request failing, when only open sessions lead to it', async () => {
    await readOnly(true);
    await endSessions();
    await lookUntil(
      () => desk.service.send('GET', '/health/ready'),
      ({ body }) => /read-only/.test(body.message),
    );
    await Promise.all(Array.from({ length: 8 }, () => desk.ana.get('/v1/exceptions')));
    const before = new Set(await sessions());
    // What sessions were before a failover: they stay on the server that they know.
    await readOnly(false);
    const { id } = await desk.ana.raise();
    const path = `/v1/exceptions/${id}/resolve`;
    expect((await desk.ana.post(path, { resolution: 'ACCEPTED' }, keyed())).status).toBe(200);
    await expectBack(desk, owner);
    const kept = (await sessions()).filter((pid) => before.has(pid));
    // The one on which background work listens for new jobs changes nothing.
    expect(kept.length).toBeLessThanOrEqual(1);
  }, 60_000);

  it('would go on failing with a pool that keeps its sessions', async () => {
    await readOnly(true);
    const naive = new Pool({ connectionString: database.url, max: 1 });
    const lent = await naive.connect();
    await readOnly(false);
    lent.release();
    const answers: string[] = [];
    for (let i = 0; i < 3; i++) {
      const session = await naive.connect();
      answers.push(
        await session.query('DELETE FROM idempotency').then(
          () => 'done',
          (error: unknown) => (error as { code: string }).code,
        ),
      );
      session.release();
    }
    expect(answers).toEqual(['25006', '25006', '25006']);
    await naive.end();
  });
});

describe('a standby', () => {
  it('serves reads, says so, and takes changes when it is promoted', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'redress-standby-'));
    chmodSync(folder, 0o711);
    const dataDir = path.join(folder, 'postgres');
    const primary = new PostgresStarter(dataDir);
    const { url, home } = await primary.started;
    await migrate(url);
    const before = await startTestApp({ DATABASE_URL: url });
    const { tenant } = before.person();
    const { id } = await before.person({ tenant }).raise();
    await before.close();
    await primary.stop();

    writeFileSync(path.join(home, 'data', 'standby.signal'), '', { mode: 0o666 });
    const standby = new PostgresStarter(dataDir);
    const { url: standbyUrl } = await standby.started;
    const owner = ownerOf(standbyUrl);
    const desk = await startDesk(standbyUrl);
    await expectReadOnly({ ...desk, ana: desk.service.person({ tenant }) }, id, /standby/);

    await owner.rows('SELECT pg_promote()');
    await expectBack(desk, owner);

    await stopDesk(desk);
    await owner.end();
    await standby.stop();
    for (const place of [realpathSync(dataDir), folder]) rmSync(place, { recursive: true, force: true });
  }, 90_000);
});
