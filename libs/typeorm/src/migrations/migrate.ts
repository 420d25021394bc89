import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import { isUnbound, prepareAppRole, type Query } from '../database/app-role';
import { entities } from '../entities/entity-schemas';
import { grantMembership, grantTables } from '../database/grants';
import { grantJobs, migrateJobs } from '../jobs/job-schema';
import { JobSchema1700000000000 } from './0000-job-schema';
import { migrations } from './all-migrations';
import { sessionScope, type Pooler } from '../database/pooler';
import { asLogin, checkOwner, checkServer } from '../database/server-check';
import { settingSessions } from '../database/session-settings';
import {
  explainDatabaseFailure,
  startConnectTimeoutMs,
  StartFailure,
  type Login,
} from '../database/start-failure';
import { withTimeout } from '../with-timeout';

/** Any number; all instances that start at the same time take turns under it. */
export const migrationLock = 7_203_551;

/** How often the turn is asked for, and how often a server that is at work is asked whether it is still there. */
const lookEveryMs = 250;
const pingEveryMs = 2000;
const answerMs = 8000;

const defaultTimeoutMs = 600_000;

/** The options of `migrate`. */
export type MigrateOptions = Readonly<{
  /** The database, as the login that the service uses; the owner's, unless there are two. */
  serviceUrl?: string;
  /** How long it may take in all, waiting for another process's turn included, in milliseconds; 600,000 unless given. */
  timeoutMs?: number;
  /** What stands between; `auto` unless given. */
  pooler?: Pooler;
}>;

/**
 * Brings the database up to date as the owner of its tables, and gives the service's login what it needs. Safe to run
 * from several processes at once. Throws `StartFailure` with a sentence for the operator.
 *
 * @param ownerUrl the database, as the login that owns the tables
 */
export async function migrate(
  ownerUrl: string,
  { serviceUrl = ownerUrl, timeoutMs = defaultTimeoutMs, pooler = 'auto' }: MigrateOptions = {},
): Promise<void> {
  const service: Login = { url: serviceUrl, variable: 'DATABASE_URL' };
  const owner: Login =
    ownerUrl === serviceUrl ? service : { url: ownerUrl, variable: 'MIGRATIONS_DATABASE_URL' };
  const itsOwn = await checkServer(owner);
  const itsService = owner === service ? itsOwn : await checkServer(service);
  if (itsOwn.database !== itsService.database)
    throw new StartFailure(
      `DATABASE_URL is for the database "${itsService.database}" and MIGRATIONS_DATABASE_URL for "${itsOwn.database}": both must name the same one.`,
    );
  // Migrations take turns under a lock that belongs to a session.
  if ((await sessionScope(owner, pooler, itsOwn.pooled)) === 'transaction')
    throw new StartFailure(
      `A pooler stands before the database of ${owner.variable}, and migrations need sessions of their own: set MIGRATIONS_DATABASE_URL to the address of the server itself, or, when the pooler lends each connection a session of its own, DATABASE_POOLER to session.`,
    );
  await checkOwner(owner);
  await inTurn(owner, timeoutMs, async (dataSource, query, jobs) => {
    // First, since our own make use of them.
    await migrateJobs(jobs);
    await dataSource.runMigrations({ transaction: 'each' });
    const unbound = await asLogin(service, isUnbound);
    const grantee = unbound ? await prepareAppRole(query) : itsService.login;
    await grantTables(query, grantee);
    await grantJobs(query, grantee);
    if (unbound && itsService.login !== itsOwn.login) await grantMembership(query, grantee, itsService.login);
  });
}

type Work = (dataSource: DataSource, query: Query, jobs: Pool) => Promise<void>;

/** Runs `work` under the migration lock, for as long as the server answers and no longer than `timeoutMs`. */
async function inTurn(owner: Login, timeoutMs: number, work: Work): Promise<void> {
  const sockets = new Set<Socket>();
  const ended = new AbortController();
  try {
    await withTimeout(timeoutMs, turn(owner, sockets, ended.signal, work), () => tooLong(owner, timeoutMs));
  } catch (error) {
    throw explainDatabaseFailure(error, owner);
  } finally {
    ended.abort();
    // Ends the sessions and whatever still waits for them, the lock included, whether or not the server answers.
    for (const socket of sockets) socket.destroy();
  }
}

async function turn(owner: Login, sockets: Set<Socket>, ended: AbortSignal, work: Work): Promise<void> {
  const dataSource = dataSourceOver(owner.url, sockets);
  const jobs = jobMigrationPool(owner.url, sockets);
  await withTimeout(startConnectTimeoutMs, dataSource.initialize(), () => silent(owner));
  const [lock, runner] = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
  await takeTurn(lock, owner, ended);
  const query: Query = (sql, values) => runner.query(sql, values);
  await Promise.race([work(dataSource, query, jobs), heartbeat(lock, owner, ended)]);
  await Promise.all([lock.release(), runner.release()]);
}

/** A polled lock rather than one waited for: so each wait for the server is short, and its silence is noticed. */
async function takeTurn(lock: QueryRunner, owner: Login, ended: AbortSignal): Promise<void> {
  const ask = () => lock.query('SELECT pg_try_advisory_lock($1) AS mine', [migrationLock]);
  for (;;) {
    const [{ mine }] = (await withTimeout(answerMs, ask(), () => silent(owner))) as [{ mine: boolean }];
    if (mine) return;
    await pause(lookEveryMs, undefined, { signal: ended });
  }
}

/**
 * Throws as soon as the server leaves a question unanswered. A migration may well take minutes, so that its statements
 * have no deadline each; the session of the lock has nothing else to do and shows whether the server is there.
 */
async function heartbeat(lock: QueryRunner, owner: Login, ended: AbortSignal): Promise<never> {
  for (;;) {
    await pause(pingEveryMs, undefined, { signal: ended });
    await withTimeout(answerMs, lock.query('SELECT 1'), () => silent(owner));
  }
}

const silent = ({ variable }: Login): StartFailure =>
  new StartFailure(
    `The database of ${variable} stopped answering while it was being migrated: look whether it hangs, or whether a firewall or proxy in between does, and start again.`,
  );

const tooLong = ({ variable }: Login, timeoutMs: number): StartFailure =>
  new StartFailure(
    `The database of ${variable} could not be migrated within ${timeoutMs / 1000} s, waiting for another process that migrates it included: look what holds it up, raise MIGRATION_TIMEOUT_SECONDS if it needs longer, and start again.`,
  );

/** Sockets of our own, so that they can be closed when the server does not answer. */
const streamInto = (sockets: Set<Socket>) => (): Socket => {
  const socket = new Socket();
  sockets.add(socket);
  return socket;
};

/** `migrate` makes the tables of the job engine by itself, as a step that other processes wait for. */
export const deskMigrations = migrations.filter((migration) => migration !== JobSchema1700000000000);

const dataSourceOver = (url: string, sockets: Set<Socket>): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    entities,
    migrations: deskMigrations,
    migrationsTableName: 'redress_migration',
    // One session holds the lock, the other works.
    poolSize: 2,
    connectTimeoutMS: startConnectTimeoutMs,
    applicationName: 'redress',
    poolErrorHandler: ignore,
    extra: { stream: streamInto(sockets), ...ownSettings },
  });

function jobMigrationPool(url: string, sockets: Set<Socket>): Pool {
  const pool = new Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: startConnectTimeoutMs,
    ...ownSettings,
    stream: streamInto(sockets),
  });
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

/** Also where the owner has a schema of its own name, which would come first. */
const ownSettings = settingSessions({ search_path: 'public', row_security: 'on' });

const ignore = (): void => undefined;
