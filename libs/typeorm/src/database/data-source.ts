import { Pool, type PoolConfig } from 'pg';
import { DataSource } from 'typeorm';
import { sessionRole } from './app-role';
import { entities } from '../entities/entity-schemas';
import { sessionsWith } from './pg-session';
import { sessionScope, type Pooler, type SessionScope } from './pooler';
import { asLogin, isPooled } from './server-check';
import {
  settingSessions,
  settingsOfStatements,
  wrongSettings,
  type SessionSettings,
} from './session-settings';
import { SessionWatchdog } from './session-watchdog';
import { StartFailure, type Login } from './start-failure';
import { TenantPool, poolOf } from './tenant-pool';
import { traitsOf } from './tenant-session';

/** The options of a pool of connections: the URL, the most connections, and the deadline of a statement. */
export type PoolOptions = Readonly<{ url: string; pool: number; statementTimeoutMs: number }>;
/** The options of the pool of the job engine. */
export type JobPoolOptions = PoolOptions &
  Readonly<{
    /** The role to SET in each session; undefined where the login works as itself. */
    role: string | undefined;
    /** For how long a connection has a session; `connection` unless given. */
    scope?: SessionScope;
  }>;
/** The options of `openDatabase`. */
export type DatabaseOptions = PoolOptions &
  Readonly<{
    /** How long a statement waits for a row that another transaction is changing. */
    lockTimeoutMs: number;
    /** What stands between; `auto` unless given. */
    pooler?: Pooler;
    /** Receives one sentence when prepared statements take the driver's slower path. */
    warn?: (message: string) => void;
  }>;

/** How long a request waits for a connection before it is answered with 503. */
const connectTimeoutMs = 3000;

/** Our own deadline of a statement comes after the server's, which leaves the session as good as before. */
const deadlineMarginMs = 1000;

/** The least time that a statement waits for a row lock: concurrent requests need it to take turns. */
const leastLockTimeoutMs = 1000;

/** The database as the service works with it: as a role that row-level security binds, with bounded statements. */
export async function openDatabase({
  lockTimeoutMs,
  pooler = 'auto',
  warn,
  ...options
}: DatabaseOptions): Promise<DataSource> {
  const { url, pool, statementTimeoutMs } = options;
  const login: Login = { url, variable: 'DATABASE_URL' };
  const watchdog = new SessionWatchdog(url);
  const { pooled, role } = await asLogin(login, async (query, backendPid) => ({
    pooled: await isPooled(query, backendPid),
    role: await sessionRole(query),
  }));
  const scope = await sessionScope(login, pooler, pooled);
  if (scope === 'transaction') checkShared(login, role, await asLogin(login, wrongSettings));
  const settings = settingsWith({
    statement_timeout: statementTimeoutMs,
    // For every connection once: bounding each commit by itself would cost it a round trip.
    lock_timeout: Math.max(leastLockTimeoutMs, lockTimeoutMs),
  });
  const dataSource = await new DataSource({
    type: 'postgres',
    url,
    entities,
    poolSize: pool,
    connectTimeoutMS: connectTimeoutMs,
    // What breaks while it is used fails where it is used; what is idle is replaced.
    poolErrorHandler: () => undefined,
    extra: {
      Client: sessionsWith({ statementMs: statementTimeoutMs + deadlineMarginMs, watchdog }),
      ...onNewSessions(scope, settings, role),
      application_name: applicationName,
      keepAlive: true,
    },
  }).initialize();
  watchdog.follow(poolOf(dataSource));
  const tenants = TenantPool.of(dataSource);
  if (scope === 'transaction') tenants.shareSessions(settings);
  if (!(await tenants.chooseFastPath()))
    warn?.(
      'Prepared statements run by the slower way: the installed version of pg is not the one they were written for.',
    );
  return dataSource;
}

/** A pool beside it, for the job engine: one connection listens all the time, others come and go with the jobs. */
export function openJobPool({
  url,
  pool,
  statementTimeoutMs,
  role,
  scope = 'connection',
}: JobPoolOptions): Pool {
  const watchdog = new SessionWatchdog(url);
  const jobs = new Pool({
    Client: sessionsWith({ statementMs: statementTimeoutMs + deadlineMarginMs, watchdog }),
    connectionString: url,
    max: pool,
    connectionTimeoutMillis: connectTimeoutMs,
    ...onNewSessions(scope, settingsWith({ statement_timeout: statementTimeoutMs }), role),
    application_name: applicationName,
    keepAlive: true,
  });
  // What breaks while it is used fails where it is used; without a listener it would end the process.
  jobs.on('error', () => undefined);
  // Sessions listen for their own errors; the engine warns unless the pool does so, too.
  jobs.on('connect', (client) => client.on('error', () => undefined));
  watchdog.follow(jobs);
  return jobs;
}

/** The role that the sessions of an open database have SET; undefined where its login works as itself. */
export async function roleSetBy(dataSource: DataSource): Promise<string | undefined> {
  const [names] = await dataSource.query<[{ role: string; login: string }]>(
    'SELECT current_user AS role, session_user AS login',
  );
  return names.role === names.login ? undefined : names.role;
}

/** For how long connections of an open database have a session. */
export const sessionScopeOf = (dataSource: DataSource): SessionScope =>
  traitsOf(poolOf(dataSource)).setInTransaction === undefined ? 'connection' : 'transaction';

const applicationName = 'redress';

const settingsWith = (timeouts: SessionSettings): SessionSettings => ({
  ...timeouts,
  ...settingsOfStatements,
});

/** By a statement rather than at the start of the connection, where poolers accept a few settings only. */
const onNewSessions = (
  scope: SessionScope,
  settings: SessionSettings,
  role: string | undefined,
): Pick<PoolConfig, 'onConnect'> =>
  scope === 'transaction'
    ? {}
    : settingSessions({
        ...settings,
        default_transaction_isolation: 'read committed',
        ...(role !== undefined && { role }),
      });

/** Refuses what does not work where sessions are lent for one transaction. */
function checkShared({ variable }: Login, role: string | undefined, wrong: readonly string[]): void {
  if (role !== undefined)
    throw new StartFailure(
      `A pooler that may lend a session for one transaction stands before the database, and the login of ${variable} would have to set a role in each session: use two logins as docs/production.md describes, or set DATABASE_POOLER to session if that is how it pools.`,
    );
  if (wrong.length)
    throw new StartFailure(
      `Sessions of the login of ${variable} begin with settings that cannot be changed behind a pooler by transaction: have an administrator run ALTER ROLE … SET ${wrong.join('; ALTER ROLE … SET ')} for it.`,
    );
}
