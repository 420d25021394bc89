import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { sessionRole } from './app-role';
import { entities } from '../entities/entity-schemas';
import { sessionsWith } from './pg-session';
import { asLogin } from './server-check';
import { SessionWatchdog } from './session-watchdog';
import { TenantPool, poolOf } from './tenant-pool';

/** The options of a pool of connections: the URL, the most connections, and the deadline of a statement. */
export type PoolOptions = Readonly<{ url: string; pool: number; statementTimeoutMs: number }>;
/** The options of the pool of the job engine. */
export type JobPoolOptions = PoolOptions &
  Readonly<{
    /** The role to SET in each session; undefined where the login works as itself. */
    role: string | undefined;
  }>;
/** The options of `openDatabase`. */
export type DatabaseOptions = PoolOptions &
  Readonly<{
    /** How long a statement waits for a row that another transaction is changing. */
    lockTimeoutMs: number;
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
  warn,
  ...options
}: DatabaseOptions): Promise<DataSource> {
  const { url, pool, statementTimeoutMs } = options;
  const watchdog = new SessionWatchdog(url);
  // For every connection once: bounding each commit by itself would cost it a round trip.
  const lock_timeout = Math.max(leastLockTimeoutMs, lockTimeoutMs);
  const role = await asLogin({ url, variable: 'DATABASE_URL' }, sessionRole);
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
      options: sessionOptions(role, { statement_timeout: statementTimeoutMs, lock_timeout }),
      keepAlive: true,
    },
  }).initialize();
  watchdog.follow(poolOf(dataSource));
  if (!(await TenantPool.of(dataSource).chooseFastPath()))
    warn?.(
      'Prepared statements run by the slower way: the installed version of pg is not the one they were written for.',
    );
  return dataSource;
}

/** A pool beside it, for the job engine: one connection listens all the time, others come and go with the jobs. */
export function openJobPool({ url, pool, statementTimeoutMs, role }: JobPoolOptions): Pool {
  const watchdog = new SessionWatchdog(url);
  const jobs = new Pool({
    Client: sessionsWith({ statementMs: statementTimeoutMs + deadlineMarginMs, watchdog }),
    connectionString: url,
    max: pool,
    connectionTimeoutMillis: connectTimeoutMs,
    options: sessionOptions(role, { statement_timeout: statementTimeoutMs }),
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

function sessionOptions(role: string | undefined, timeouts: Readonly<Record<string, number>>): string {
  const settings = {
    ...(role !== undefined && { role }),
    ...timeouts,
    jit: 'off',
    timezone: 'UTC',
    datestyle: 'ISO',
    // What the database or the login has set for all sessions must not change what our statements mean.
    search_path: 'public',
    row_security: 'on',
    default_transaction_isolation: 'read\\ committed',
    application_name: 'redress',
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
