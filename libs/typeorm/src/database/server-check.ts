import { Socket } from 'node:net';
import { Client } from 'pg';
import type { Query } from './app-role';
import { backendPidOf } from './session-watchdog';
import { explainDatabaseFailure, oldestPostgres, startConnectTimeoutMs } from './start-failure';
import { StartFailure, type Login } from './start-failure';
import { withTimeout } from '../with-timeout';

/** Runs `work` on a connection of its own as this login, within one deadline for all of it. */
export async function asLogin<T>(
  login: Login,
  work: (query: Query, backendPid: number | undefined) => Promise<T>,
): Promise<T> {
  try {
    const socket = new Socket();
    const client = new Client({
      connectionString: login.url,
      stream: () => socket,
      connectionTimeoutMillis: startConnectTimeoutMs,
      application_name: 'redress',
    });
    client.on('error', () => undefined);
    const asked = client
      .connect()
      .then(() =>
        work(
          async (sql, values) => (await client.query<Record<string, unknown>>(sql, values)).rows,
          backendPidOf(client),
        ),
      );
    try {
      return await withTimeout(startConnectTimeoutMs, asked, () => new Error('timeout'));
    } finally {
      // Not waited for: a server that went silent would never confirm it.
      void client.end().catch(() => undefined);
      socket.destroySoon();
    }
  } catch (error) {
    throw explainDatabaseFailure(error, login);
  }
}

/** Whether a pooler answers for the server: it makes up the process id that a connection gets when it opens. */
export async function isPooled(query: Query, backendPid: number | undefined): Promise<boolean> {
  const [facts] = await query('SELECT pg_backend_pid() AS pid');
  return backendPid !== facts?.['pid'];
}

export type ServerFacts = Readonly<{ login: string; database: string; pooled: boolean }>;

/** Connects, and refuses a server that is too old or read-only, or a database that does not hold every text. */
export function checkServer(login: Login): Promise<ServerFacts> {
  return asLogin(login, async (query, backendPid) => {
    const [facts = {}] = await query(
      `SELECT session_user AS login, current_database() AS database, current_setting('server_version') AS version,
              current_setting('server_version_num')::int / 10000 AS major,
              current_setting('server_encoding') AS encoding,
              pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only`,
    );
    const { version, major, encoding, read_only } = facts;
    if (Number(major) < oldestPostgres)
      throw new StartFailure(
        `The database is PostgreSQL ${String(version)}: the service needs ${oldestPostgres} or later, so upgrade the server or correct ${login.variable}.`,
      );
    if (encoding !== 'UTF8')
      throw new StartFailure(
        `The database "${String(facts['database'])}" is encoded in ${String(encoding)}, which does not hold every text: create it with ENCODING 'UTF8' TEMPLATE template0, or correct ${login.variable}.`,
      );
    if (read_only === true) throw explainDatabaseFailure({ code: '25006' }, login);
    return {
      login: String(facts['login']),
      database: String(facts['database']),
      pooled: await isPooled(query, backendPid),
    };
  });
}

/** Refuses an owner's login that does not own the tables there are, before anything is changed. */
export function checkOwner(login: Login): Promise<void> {
  return asLogin(login, async (query) => {
    const [foreign] = await query(
      `SELECT pg_get_userbyid(c.relowner) AS owner, session_user AS login FROM pg_class c
       WHERE c.oid = to_regclass('public.exception') AND NOT pg_has_role(session_user, c.relowner, 'USAGE')`,
    );
    if (foreign)
      throw new StartFailure(
        `The tables belong to "${String(foreign['owner'])}", so that "${String(foreign['login'])}" cannot migrate them: set MIGRATIONS_DATABASE_URL to the login of their owner, as docs/production.md describes.`,
      );
  });
}
