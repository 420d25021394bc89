import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { migrationLock } from '../../libs/typeorm/src/migrations/migrate';
import { freshDatabase, type FreshDatabase } from '../support/database';
import {
  closedPort,
  muteServer,
  proxyThatFallsSilent,
  serverThatAnswers,
  untrustedServer,
  type FailingServer,
} from '../support/failing-servers';
import { deadlineMs, startInVain, type Ended } from '../support/failed-start';
import { compiledService, serviceEnvironment, startService, stopServices } from '../support/service-process';

const password = 'p4ss-w0rd?&';

const url = (
  over: Partial<Record<'port' | 'username' | 'password' | 'pathname' | 'search' | 'hostname', string>>,
): string => Object.assign(new URL(empty.url), over).href;

const fakes: FailingServer[] = [];
async function portOf(server: Promise<FailingServer>): Promise<string> {
  fakes.push(await server);
  return String(fakes.at(-1)!.port);
}

/** A migrated database, and one with nothing in it. */
let migrated: FreshDatabase;
let empty: FreshDatabase;
let admin: Client;
/** One that another process migrates all the time. */
let taken: FreshDatabase;
let holder: Client;

beforeAll(async () => {
  compiledService();
  [migrated, empty, taken] = [await freshDatabase(), await freshDatabase(), await freshDatabase()];
  holder = new Client({ connectionString: taken.url });
  await holder.connect();
  await holder.query('SELECT pg_advisory_lock($1)', [migrationLock]);
  admin = new Client({ connectionString: empty.url });
  await admin.connect();
  await admin.query('DROP SCHEMA public CASCADE; DROP SCHEMA graphile_worker CASCADE; CREATE SCHEMA public');
  for (const options of ['limited LOGIN CONNECTION LIMIT 0', 'powerless LOGIN', 'barred NOLOGIN'])
    await admin
      .query(`DROP ROLE IF EXISTS ${options.split(' ')[0]}`)
      .then(() => admin.query(`CREATE ROLE ${options} PASSWORD '${password}'`));
}, 30_000);

afterAll(async () => {
  await stopServices();
  for (const fake of fakes) await fake.close();
  const readers = [migrated, empty].map((database) => readerOf(database));
  await admin.query(`DROP ROLE IF EXISTS ${['limited', 'powerless', 'barred', ...readers].join(', ')}`);
  await admin.query('DROP DATABASE IF EXISTS redress_latin1');
  await admin.end();
  await migrated.drop();
  await empty.drop();
  await holder.end();
  await taken.drop();
});

const as = (username: string, base = empty.url): string =>
  Object.assign(new URL(base), { username, password: encodeURIComponent(password) }).href;

const through = async (word: string, base = empty.url): Promise<string> =>
  Object.assign(new URL(base), { port: await portOf(proxyThatFallsSilent(base, word)) }).href;

const readerOf = (database: FreshDatabase): string => `reader_of_${new URL(database.url).pathname.slice(1)}`;

async function readOnly(database: FreshDatabase): Promise<string> {
  await admin.query(`CREATE ROLE ${readerOf(database)} LOGIN SUPERUSER PASSWORD '${password}'`);
  await admin.query(`ALTER ROLE ${readerOf(database)} SET default_transaction_read_only = on`);
  return as(readerOf(database), database.url);
}

type Failure = readonly [
  what: string,
  env: () => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>,
  says: RegExp,
];
const database = (make: () => string | Promise<string>) => async () => ({ DATABASE_URL: await make() });

const failures: readonly Failure[] = [
  [
    'a wrong password',
    database(() => url({ password: encodeURIComponent(password) })),
    /refused the user name or password of "postgres".*DATABASE_URL/,
  ],
  ['no password', database(() => url({ password: '' })), /asks for a password/],
  ['a login that may not log in', database(() => as('barred')), /does not let "barred" in/],
  [
    'a database that does not hold every text',
    database(async () => {
      await admin.query('DROP DATABASE IF EXISTS redress_latin1');
      await admin.query(`CREATE DATABASE redress_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
      return url({ pathname: '/redress_latin1' });
    }),
    /"redress_latin1" is encoded in LATIN1.*ENCODING 'UTF8'/,
  ],
  [
    'a database that does not exist',
    database(() => url({ pathname: '/nowhere' })),
    /has no database "nowhere"/,
  ],
  [
    'a port nobody listens at',
    database(async () => url({ port: await closedPort() })),
    /Nothing listens at 127\.0\.0\.1:\d+/,
  ],
  [
    'an unknown host',
    database(() => url({ hostname: 'nowhere.invalid' })),
    /host of nowhere\.invalid:\d+ is unknown/,
  ],
  [
    'a server without TLS that must have it',
    database(() => url({ search: 'sslmode=verify-full' })),
    /does not encrypt/,
  ],
  [
    'a certificate that nobody vouches for',
    database(async () => url({ port: await portOf(untrustedServer()), search: 'sslmode=verify-full' })),
    /certificate of .* is not trusted/,
  ],
  ['too many connections', database(() => as('limited')), /no connection left for "limited"/],
  ['missing rights', database(() => as('powerless')), /"powerless" of DATABASE_URL lacks rights/],
  [
    'tables of another owner',
    database(() => as('powerless', migrated.url)),
    /tables belong to "postgres".*MIGRATIONS_DATABASE_URL/,
  ],
  [
    'two logins for two databases',
    () => ({ DATABASE_URL: migrated.url, MIGRATIONS_DATABASE_URL: empty.url }),
    /must name the same one/,
  ],
  [
    'a server that is too old',
    database(async () => url({ port: await portOf(serverThatAnswers({ version: '13.22', major: '13' })) })),
    /PostgreSQL 13\.22.* 14 or later/,
  ],
  ['a read-only server with everything to migrate', database(() => readOnly(empty)), /is read-only/],
  ['a read-only server with nothing to migrate', database(() => readOnly(migrated)), /is read-only/],
  [
    'an address that is not of this machine',
    () => ({ DATABASE_URL: migrated.url, HOST: '192.0.2.1', PORT: '0' }),
    /Cannot listen on 192\.0\.2\.1:0.*Set HOST to an address of this machine/,
  ],
  ['a wrong variable', () => ({ PORT: '80000' }), /PORT must be/],
  [
    'a data folder that cannot be made',
    () => ({ DATABASE_URL: migrated.url, SECRETS_KEY: '', DATA_DIR: '/dev/null/data' }),
    /could not start: DATA_DIR, \/dev\/null\/data, cannot be written \(ENOTDIR\)/,
  ],
];

/** Each takes one of our deadlines, so that they are waited for together. */
const silences: readonly Failure[] = [
  [
    'a server that accepts and never answers',
    database(async () => url({ port: await portOf(muteServer()) })),
    /did not answer in time/,
  ],
  [
    'a service login whose server never answers',
    async () => ({
      DATABASE_URL: url({ username: 'someone', port: await portOf(muteServer()) }),
      MIGRATIONS_DATABASE_URL: migrated.url,
    }),
    /did not answer in time/,
  ],
  [
    'silence when the lock is asked for',
    database(() => through('pg_try_advisory_lock')),
    /stopped answering/,
  ],
  [
    'silence in the middle of the migrations',
    database(() => through('CREATE TABLE exception')),
    /stopped answering/,
  ],
  [
    'silence while rights are granted',
    database(() => through('GRANT SELECT', migrated.url)),
    /stopped answering/,
  ],
  [
    'a turn that does not come',
    () => ({ DATABASE_URL: taken.url, MIGRATION_TIMEOUT_SECONDS: '3' }),
    /could not be migrated within 3 s.*another process/,
  ],
  [
    'a database that was to be migrated before',
    () => ({ DATABASE_URL: empty.url, MIGRATE_ON_START: 'off' }),
    /lacks migrations of this version, the first of them Desk\d+: run npm run migrate/,
  ],
  ['silence once it is migrated', database(() => through('lock_timeout', migrated.url)), /did not answer/],
];

/** What the operator reads, apart from which failure it is. */
function expectOneSentence({ code, stderr }: Ended, says: RegExp): void {
  expect([code, stderr]).toEqual([1, expect.stringMatching(says)]);
  expect(stderr).toMatch(/^[A-Z][^\n]*\.\n$/);
  expect(stderr).not.toMatch(/\n\s+at |Error:/);
  for (const secret of [password, encodeURIComponent(password), new URL(empty.url).password])
    expect(stderr).not.toContain(secret);
}

describe('a start that fails', () => {
  const silent = new Map<string, Promise<Ended>>();
  beforeAll(() => {
    for (const [what, env] of silences) silent.set(what, Promise.resolve(env()).then(startInVain));
  });

  it.each(failures)(
    'ends with one sentence: %s',
    async (_, env, says) => expectOneSentence(await startInVain(await env()), says),
    deadlineMs + 10_000,
  );

  it.each(silences)(
    'ends by itself, with one sentence: %s',
    async (what, _, says) => expectOneSentence(await silent.get(what)!, says),
    deadlineMs + 10_000,
  );

  it('shows the stack only to those who ask for details', async () => {
    const { code, stderr } = await startInVain({ DATABASE_URL: as('barred'), LOG_LEVEL: 'debug' });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^The database .*\.\n.*\n\s+at /)]);
    expect(stderr).not.toContain(password);
  }, 30_000);
});

describe('without our deadlines', () => {
  it('a client would still wait for a mute server when the service has long given up', async () => {
    const port = await portOf(muteServer());
    let answered = false;
    const naive = new Client({ connectionString: url({ port }) });
    naive.on('error', () => undefined);
    const waiting = naive.connect().finally(() => (answered = true));
    waiting.catch(() => undefined);
    const { code } = await startInVain({ DATABASE_URL: url({ port }) });
    expect([code, answered]).toEqual([1, false]);
    void naive.end().catch(() => undefined);
  }, 70_000);

  it('nothing is wrong with a proxy that stays, nor with those settings', async () => {
    const service = await startService(await through('a word that is never sent', migrated.url), {});
    expect(await service.stop()).toBe(0);
  }, 40_000);
});

describe('`npm start`', () => {
  it('knows what is wrong with its variables before it starts a database', async () => {
    const check = pathToFileURL(path.resolve(__dirname, '../../scripts/config-check.mjs')).href;
    const program = `const { configProblems } = await import(${JSON.stringify(check)});
      console.log(JSON.stringify([{ PORT: '80000' }, {}].map((env) => configProblems(process.argv[1], env))));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program, compiledService()],
      { env: serviceEnvironment('') },
    );
    expect(JSON.parse(stdout)).toEqual([[expect.stringMatching(/^PORT must be/)], []]);
  }, 30_000);
});

describe('`npm run migrate`', () => {
  const program = () => path.join(path.dirname(compiledService()), 'migrate.js');
  const migrateAs = (databaseUrl: string) =>
    promisify(execFile)(process.execPath, [program()], { env: serviceEnvironment(databaseUrl) });

  it('migrates a database, on which a service then starts that does not', async () => {
    const database = await freshDatabase();
    const owner = new Client({ connectionString: database.url });
    await owner.connect();
    await owner.query(
      'DROP SCHEMA public CASCADE; DROP SCHEMA graphile_worker CASCADE; CREATE SCHEMA public',
    );
    await owner.end();
    expect((await migrateAs(database.url)).stdout).toBe('The database is up to date.\n');
    const service = await startService(database.url, { MIGRATE_ON_START: 'off' });
    expect(await service.stop()).toBe(0);
    await database.drop();
  }, 60_000);

  it('fails with one sentence', async () => {
    const failed = migrateAs(url({ pathname: '/nowhere' }));
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The server .* has no database "nowhere"[^\n]*\.\n$/),
    });
  });
});
