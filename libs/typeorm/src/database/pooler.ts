import { Client } from 'pg';
import { asLogin } from './server-check';
import { startConnectTimeoutMs, StartFailure, type Login } from './start-failure';

/**
 * What stands between this process and PostgreSQL.
 * - `session`: a pooler that gives each connection a session of its own for as long as it is open, or none at all.
 * - `transaction`: a pooler that gives a connection any session, for one transaction at a time.
 * - `auto`: found out from the server; a pooler counts as one by transaction, which is right for both.
 */
export type Pooler = 'auto' | 'session' | 'transaction';

/** For how long a connection has a database session to itself. */
export type SessionScope = 'connection' | 'transaction';

/** For how long connections of this login have a session, by what the operator says and what the server shows. */
export async function sessionScope(login: Login, pooler: Pooler, pooled: boolean): Promise<SessionScope> {
  if (pooler === 'transaction') return 'transaction';
  if (pooler === 'auto') return pooled ? 'transaction' : 'connection';
  if (pooled && (await sharesSessions(login)))
    throw new StartFailure(
      `DATABASE_POOLER is session, but the pooler of ${login.variable} gives the session of one connection to another: set DATABASE_POOLER to transaction, or pool_mode of the pooler to session.`,
    );
  return 'connection';
}

/** Whether a second connection is given the session of the first one while that is idle. */
function sharesSessions(login: Login): Promise<boolean> {
  return asLogin(login, async (query) => {
    await query(`SELECT set_config('redress.session', '1', false)`);
    const second = new Client({
      connectionString: login.url,
      connectionTimeoutMillis: startConnectTimeoutMs,
      query_timeout: startConnectTimeoutMs,
    });
    second.on('error', () => undefined);
    try {
      await second.connect();
      const marker = `SELECT current_setting('redress.session', true) AS marker`;
      const { rows } = await second.query<{ marker: string | null }>(marker);
      return rows[0]?.marker === '1';
    } finally {
      await query(`SELECT set_config('redress.session', '', false)`);
      void second.end().catch(() => undefined);
    }
  });
}
