import type { Connections } from './connections';

const statement = {
  name: 'readiness',
  text: `SELECT current_setting('transaction_read_only') = 'on' AS read_only, pg_is_in_recovery() AS standby`,
};

/** Why the server that answers cannot take changes; undefined when it can. Rejects when none answers. */
export async function readOnlyReason(connections: Connections): Promise<string | undefined> {
  const [server] = await connections.ask(statement);
  if (server?.['standby']) return 'The database is a standby, which accepts no changes: try again shortly.';
  if (server?.['read_only']) return 'The database is read-only: try again shortly.';
  return undefined;
}
