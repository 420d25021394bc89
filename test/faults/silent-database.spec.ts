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
import { expectGoodService, expectOnce, served, slackMs } from '../support/desk-proofs';
import { ownerOf, type Owner } from '../support/owner';
import { lookUntil, until } from '../support/until';

/** Of services that are under load while the database is silent: for less time, and for more, than this. */
const statementTimeoutMs = 4000;
/** As docs/running.md says. */
const promised = { answeredWithinMs: statementTimeoutMs + 5000, servedWithinMs: 5000 };
const { servedWithinMs } = promised;
/** Where a single look decides, a busy machine gets three times the bound; requests under load are held to it. */
const patientlyMs = 3 * servedWithinMs;
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

afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  await Promise.all(
    worlds.map(async ({ database, owner, proxy, service }) => {
      await service.close();
      await proxy.close();
      await owner.end();
      await database.drop();
    }),
  );
}, 60_000);

/** Each of these mostly waits, so that they are begun together; each is a test of its own. */
function together(cases: Readonly<Record<string, () => Promise<void>>>): void {
  const running = new Map<string, Promise<void>>();
  beforeAll(() => {
    for (const [name, run] of Object.entries(cases)) {
      const begun = run();
      begun.catch(() => undefined);
      running.set(name, begun);
    }
  });
  it.each(Object.keys(cases))('%s', (name) => running.get(name)!, 90_000);
}

const ready = async ({ service }: World) => {
  const askedAt = performance.now();
  const { status } = await service.send('GET', '/health/ready');
  expect(performance.now() - askedAt).toBeLessThan(1000 + slackMs);
  return status;
};

/** Until what is true soon after the healing is so, and a little longer than it has to take. */
async function expectRecovery(here: World, load: DeskLoad, healedAt: number): Promise<void> {
  await served(load, healedAt, promised);
  await lookUntil(
    () => ready(here),
    (status) => status === 200,
    patientlyMs,
  );
}

async function expectAllWell(here: World, load: DeskLoad, healedAt: number): Promise<void> {
  await pause(servedWithinMs + slackMs + 500 - (performance.now() - healedAt));
  await load.stop();
  expectGoodService(load, healedAt, promised);
  await expectOnce(here.owner, load);
}

async function loadedWorld(env?: NodeJS.ProcessEnv): Promise<{ here: World; load: DeskLoad }> {
  const here = await world(env);
  const load = startDeskLoad(here.ana, 12);
  await until(() => load.finished.length > 40);
  return { here, load };
}

describe('connections to the database that go silent', () => {
  /** Shorter than the deadline of a statement, and longer. */
  const silences = [2000, statementTimeoutMs + 2000];

  together({
    'are replaced while new ones work': async () => {
      const { here, load } = await loadedWorld();
      here.proxy.silence();
      const healedAt = performance.now();
      await expectRecovery(here, load, healedAt);
      await expectAllWell(here, load, healedAt);
    },

    'with new ones as silent, for less than a deadline and for more, are replaced after that': async () => {
      const { here, load } = await loadedWorld();
      let healedAt = 0;
      for (const ms of silences) {
        here.proxy.silence({ connecting: true });
        await pause(ms);
        expect([await ready(here), (await here.service.send('GET', '/health/live')).status]).toEqual([
          503, 200,
        ]);
        here.proxy.restore();
        healedAt = performance.now();
        await expectRecovery(here, load, healedAt);
      }
      await expectAllWell(here, load, healedAt);
    },

    'for less than a deadline and for more, and then deliver what they held, do nothing twice': async () => {
      const { here, load } = await loadedWorld();
      let healedAt = 0;
      for (const ms of silences) {
        here.proxy.freeze();
        await pause(ms);
        here.proxy.restore();
        healedAt = performance.now();
        await expectRecovery(here, load, healedAt);
      }
      await expectAllWell(here, load, healedAt);
    },
  });

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

/** Longer than the statements of these tests take. */
const patient = { STATEMENT_TIMEOUT_MS: '10000' };

describe('the deadline of a statement', () => {
  together({
    'finds silent connections before a request needs them, when they were idle': async () => {
      const { proxy, ana } = await world(patient);
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
    },

    'leaves a long one alone when it runs, while silent connections beside it are closed': async () => {
      const here = await world(patient);
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
    },

    'leaves a long one alone behind a pooler, whose process ids are not those of the server': async () => {
      const { service } = await world({ ...patient, DATABASE_POOLER: 'session' }, { inventsPids: true });
      const slow = service.app.get(DataSource).query('SELECT pg_sleep(3.5)');
      await expect(slow).resolves.toHaveLength(1);
    },

    'closes a connection when the server does not keep its own': async () => {
      const here = await world({ STATEMENT_TIMEOUT_MS: '1000' });
      const slow = here.service.app
        .get(DataSource)
        .query(`SELECT set_config('statement_timeout', '0', false), pg_sleep(30)`);
      await expect(slow).rejects.toMatchObject({ code: expect.stringMatching(/57014|ETIMEDOUT/) });
    },

    'lets background work go on, and be told of new jobs, after silence': () => expectJobs(false),
    'lets background work go on, and be told of new jobs, after silence of new connections': () =>
      expectJobs(true),
  });
});

async function expectJobs(connecting: boolean): Promise<void> {
  const { owner, proxy } = await world(patient);
  const rung: string[] = [];
  let listened = 0;
  const engine = new JobEngine({
    pool: openJobPool({ url: proxy.url, pool: 3, statementTimeoutMs: 10_000, role: appRole }),
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
  // The first job may be found by a poll before the connection listens.
  await until(() => listened > 0, patientlyMs);
  expect(listened).toBe(1);
  proxy.silence({ connecting });
  if (connecting) await pause(3000);
  proxy.restore();
  await ring();
  // It polls for jobs, but hears of new ones on a connection of their own.
  await until(() => listened > 1, patientlyMs);
}
