import { isDeepStrictEqual } from 'node:util';
import type { ClientBase, PoolConfig } from 'pg';
import type { Query } from './app-role';
import type { PgSession } from './pg-session';
import { StartFailure } from './start-failure';

/** Settings of a database session by their names. */
export type SessionSettings = Readonly<Record<string, string | number>>;

/** What statements of ours mean must not depend on what the server, the database or the login have set. */
export const settingsOfStatements = {
  jit: 'off',
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  search_path: 'public',
  row_security: 'on',
} as const satisfies SessionSettings;

/** Sets settings for as long as the session lives, and reads them back: a pooler may give the next statement another session. */
async function setForSession(client: ClientBase, settings: SessionSettings): Promise<void> {
  const names = Object.keys(settings);
  const setAndRead = async (expression: string) => {
    const { rows } = await client.query<{ name: string; value: string }>(
      `SELECT name, ${expression} AS value FROM unnest($1::text[], $2::text[]) AS setting(name, wanted)`,
      [names, Object.values(settings).map(String)],
    );
    return rows;
  };
  const set = await setAndRead('set_config(name, wanted, false)');
  const kept = await setAndRead('current_setting(name)');
  if (!isDeepStrictEqual(set, kept))
    throw new StartFailure(
      'Settings of a database session do not last: a pooler gives sessions to several connections. Set DATABASE_POOLER to transaction.',
    );
}

const setWithinMs = 3000;

/** The option of a pool that sets them on each new session before it is used. */
export function settingSessions(settings: SessionSettings): Pick<PoolConfig, 'onConnect'> {
  // The pool waits for the promise, which its types leave out: https://node-postgres.com/apis/pool
  const onConnect: (client: ClientBase) => unknown = async (client) => {
    const session = client as ClientBase & Partial<Pick<PgSession, 'endBy'>>;
    // As long as connecting itself may take.
    session.endBy?.(performance.now() + setWithinMs);
    await setForSession(client, settings);
    session.endBy?.(Infinity);
  };
  return { onConnect };
}

/** The statement that sets the tenant, and these settings, until the end of the transaction it is part of. */
export function setForTransaction(settings: SessionSettings): string {
  const rest = Object.entries(settings).map(([name, value]) => `, set_config('${name}', '${value}', true)`);
  return `SELECT set_config('redress.tenant', $1, true)${rest.join('')}`;
}

/** What sessions of a login begin with, where it would change what statements outside of a tenant mean; as it should be. */
export async function wrongSettings(query: Query): Promise<string[]> {
  const [right = {}] = await query(
    `SELECT current_setting('DateStyle') LIKE 'ISO%' AS "DateStyle = 'ISO'",
            coalesce((current_schemas(false))[1] = 'public', false) AS "search_path = public",
            current_setting('row_security') = 'on' AS "row_security = on",
            current_setting('default_transaction_isolation') = 'read committed' AS "default_transaction_isolation = 'read committed'"`,
  );
  return Object.keys(right).filter((setting) => right[setting] !== true);
}
