import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { JobEngine } from '../../libs/typeorm/src/jobs/engine';
import { appRole } from '../../libs/typeorm/src/database/app-role';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { openJobPool } from '../../libs/typeorm/src/database/data-source';
import { SessionWatchdog } from '../../libs/typeorm/src/database/session-watchdog';
import { startTestApp, type Person, type TestApp } from '../support/app';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { databaseProxy, type DatabaseProxy } from '../support/database-proxy';
import { startDeskLoad, type DeskLoad } from '../support/desk-load';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import { lookUntil, until } from '../support/until';

const statementTimeoutMs = 10_000;
/** As docs/running.md says. */
const answeredWithinMs = statementTimeoutMs + 5000;
const servedWithinMs = 5000;
/** Where a single look decides, a busy machine gets three times the bound; requests under load are held to it. */
const patientlyMs = 3 * servedWithinMs;
/** For a machine with other things to do. */
const slackMs = 1000;

type World = Readonly<{
  database: FreshDatabase;
  owner: Owner;
  proxy: DatabaseProxy;
  service: TestApp;
  ana: Person;
}>;

const worlds: World[] = [];
const engines: JobEngine[] = [];

/** A service that reaches its database through a proxy. */
async function world(
  env: NodeJS.ProcessEnv = {},
  ...options: [Parameters<typeof databaseProxy>[1]?]
): Promise<World> {
  const database = await freshDatabase();
  const proxy = await databaseProxy(database.url, ...options);
  const service = await startTestApp({
    DATABASE_URL: proxy.url,
    STATEMENT_TIMEOUT_MS: String(statementTimeoutMs),
    ...env,
  });
  const made = { database, owner: ownerOf(database.url), proxy, service, ana: service.person() };
  worlds.push(made);
  return made;
}

afterEach(async () => {
  jest.restoreAllMocks();
  for (const engine of engines.splice(0)) await engine.stop();
  for (const { database, owner, proxy, service } of worlds.splice(0)) {
    await service.close();
    await proxy.close();
    await owner.end();
    await database.drop();
  }
}, 60_000);

/** Every request was answered in time, with 503 and Retry-After if not rightly, and rightly soon after the healing. */
function expectGoodService(load: DeskLoad, healedAt: number): void {
  const late = load.requests.filter(({ tookMs }) => tookMs > answeredWithinMs + slackMs);
  expect(late).toEqual([]);
  const refused = load.requests.filter(({ status }) => status === 503);
  expect(refused.filter(({ retryAfter }) => retryAfter !== '1')).toEqual([]);
  const unserved = refused.filter(({ sentAt }) => sentAt > healedAt + servedWithinMs + slackMs);
  expect(unserved).toEqual([]);
}

/** Until each kind of request that was sent after the healing has been answered rightly. */
async function served(load: DeskLoad, healedAt: number): Promise<void> {
  const kinds = () =>
    new Set(
      load.requests
        .filter(({ status, sentAt }) => status < 300 && sentAt >= healedAt)
        .map(({ kind }) => kind),
    );
  await until(() => kinds().size === 4, servedWithinMs + slackMs);
}

/** What was answered is there, once. */
async function expectOnce({ owner }: World, load: DeskLoad): Promise<void> {
  const found = await owner.rows<{ id: string; status: string; seqs: number[] }>(
    `SELECT e.id, e.status, (SELECT array_agg(h.seq ORDER BY h.seq) FROM history h WHERE h.exception_id = e.id) AS seqs
     FROM exception e`,
  );
  expect(found.map(({ id }) => id).sort()).toEqual([...load.finished].sort());
  expect(found.filter(({ status, seqs }) => status !== 'RESOLVED' || seqs.join() !== '1,2')).toEqual([]);
  const twice = 'SELECT transaction_id FROM exception GROUP BY transaction_id HAVING count(*) > 1';
  expect(await owner.rows(twice)).toEqual([]);
  expect(await historyFlaws(owner)).toEqual([]);
}

const ready = async ({ service }: World) => {
  const askedAt = performance.now();
  const { status } = await service.send('GET', '/health/ready');
  expect(performance.now() - askedAt).toBeLessThan(1000 + slackMs);
  return status;
};

/** Until what is true soon after the healing is so, and a little longer than it has to take. */
async function expectRecovery(here: World, load: DeskLoad, healedAt: number): Promise<void> {
  await served(load, healedAt);
  await lookUntil(
    () => ready(here),
    (status) => status === 200,
    patientlyMs,
  );
}

async function expectAllWell(here: World, load: DeskLoad, healedAt: number): Promise<void> {
  await pause(servedWithinMs + slackMs + 500 - (performance.now() - healedAt));
  await load.stop();
  expectGoodService(load, healedAt);
  await expectOnce(here, load);
}

async function loadedWorld(env?: NodeJS.ProcessEnv): Promise<{ here: World; load: DeskLoad }> {
  const here = await world(env);
  const load = startDeskLoad(here.ana, 20);
  await until(() => load.finished.length > 40);
  return { here, load };
}

describe('connections to the database that go silent', () => {
  it('are replaced while new ones work', async () => {
    const { here, load } = await loadedWorld();
    here.proxy.silence();
    const healedAt = performance.now();
    await expectRecovery(here, load, healedAt);
    await expectAllWell(here, load, healedAt);
  }, 60_000);

  it('with new ones as silent, for 2 s and for 12 s, are replaced after that', async () => {
    const { here, load } = await loadedWorld();
    let healedAt = 0;
    for (const seconds of [2, 12]) {
      here.proxy.silence({ connecting: true });
      await pause(seconds * 1000);
      expect([await ready(here), (await here.service.send('GET', '/health/live')).status]).toEqual([
        503, 200,
      ]);
      here.proxy.restore();
      healedAt = performance.now();
      await expectRecovery(here, load, healedAt);
    }
    await expectAllWell(here, load, healedAt);
  }, 90_000);

  it('for 2 s and for 12 s, and then deliver what they held, do nothing twice', async () => {
    const { here, load } = await loadedWorld();
    let healedAt = 0;
    for (const seconds of [2, 12]) {
      here.proxy.freeze();
      await pause(seconds * 1000);
      here.proxy.restore();
      healedAt = performance.now();
      await expectRecovery(here, load, healedAt);
    }
    await expectAllWell(here, load, healedAt);
  }, 90_000);

  it('are found before a request needs them, when they were idle', async () => {
    const { proxy, ana } = await world();
    const { id } = await ana.raise();
    await Promise.all(Array.from({ length: 8 }, () => ana.get(`/v1/exceptions/${id}`)));
    proxy.silence();
    await pause(1200);
    const path = `/v1/exceptions/${id}`;
    const answers = await Promise.all([
      ana.get(path),
      ana.post(`${path}/resolve`, { resolution: 'ACCEPTED' }),
      ana.get('/v1/exceptions'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  }, 30_000);

  it('without deadlines of our own, would be waited for beyond every bound', async () => {
    jest.spyOn(SessionWatchdog.prototype, 'sent').mockImplementation(() => undefined);
    const { here, load } = await loadedWorld({ STATEMENT_TIMEOUT_MS: '1000' });
    here.proxy.silence();
    const silencedAt = performance.now();
    await pause(1000 + 5000 + slackMs);
    expect(load.waiting().filter((sentAt) => sentAt < silencedAt + 1000).length).toBeGreaterThan(0);
    here.proxy.takeAway();
    here.proxy.restore();
    await load.stop();
  }, 60_000);
});

describe('a statement that takes long', () => {
  it('is left alone when it runs, while silent connections beside it are closed', async () => {
    const here = await world();
    const { id } = await here.ana.raise();
    const dataSource = here.service.app.get(DataSource);
    const reads = (count: number) =>
      Promise.all(Array.from({ length: count }, () => here.ana.get(`/v1/exceptions/${id}`)));
    await reads(3);
    here.proxy.silence();
    // On every connection there is; what is asked next needs a new one.
    const stuck = reads(TenantPool.of(dataSource).stats().idle);
    await until(() => TenantPool.of(dataSource).stats().idle === 0);
    const askedAt = performance.now();
    const slow = dataSource.query('SELECT pg_sleep(4)');
    const answers = await stuck;
    expect(performance.now() - askedAt).toBeLessThan(3900);
    expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    await expect(slow).resolves.toHaveLength(1);
    expect(performance.now() - askedAt).toBeGreaterThan(3900);
  }, 30_000);

  it('is left alone behind a pooler, whose process ids are not those of the server', async () => {
    const { service } = await world({ DATABASE_POOLER: 'session' }, { inventsPids: true });
    const slow = service.app.get(DataSource).query('SELECT pg_sleep(3.5)');
    await expect(slow).resolves.toHaveLength(1);
  }, 30_000);

  it('is closed by our own deadline when the server does not keep its', async () => {
    const here = await world({ STATEMENT_TIMEOUT_MS: '1000' });
    const slow = here.service.app
      .get(DataSource)
      .query(`SELECT set_config('statement_timeout', '0', false), pg_sleep(30)`);
    await expect(slow).rejects.toMatchObject({ code: expect.stringMatching(/57014|ETIMEDOUT/) });
  }, 30_000);
});

describe('background work', () => {
  it('goes on, and is told of new jobs, after silence', async () => {
    await Promise.all([false, true].map((connecting) => expectJobs(connecting)));
  }, 60_000);
});

async function expectJobs(connecting: boolean): Promise<void> {
  const { owner, proxy } = await world();
  const rung: string[] = [];
  let listened = 0;
  const engine = new JobEngine({
    pool: openJobPool({ url: proxy.url, pool: 3, statementTimeoutMs, role: appRole }),
    workers: 1,
    tasks: { ring: async ({ id }) => void rung.push(id) },
    cronJobs: {},
    patienceMs: 1000,
    log: {
      error: () => undefined,
      warn: () => undefined,
      debug: (message) => {
        if (message.startsWith('Worker connected')) listened++;
      },
    },
  });
  engines.push(engine);
  await engine.start();
  const ring = async (): Promise<void> => {
    const id = newId();
    await owner.rows(`SELECT graphile_worker.add_job('ring', json_build_object('id', $1::text))`, [id]);
    await until(() => rung.includes(id), patientlyMs);
  };
  await ring();
  expect(listened).toBe(1);
  proxy.silence({ connecting });
  if (connecting) await pause(3000);
  proxy.restore();
  await ring();
  // It polls for jobs, but hears of new ones on a connection of their own.
  await until(() => listened > 1, patientlyMs);
}
