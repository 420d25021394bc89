import type { TenantPool } from './tenant-pool';
import type { Row } from '../entities/entity-schemas';

const statement = {
  name: 'readiness',
  text: `SELECT current_setting('transaction_read_only') = 'on' AS read_only, pg_is_in_recovery() AS standby`,
};

/**
 * Why the server that answers cannot take changes; undefined when it can. Rejects when none answers. A session on such a
 * server is closed: it would say the same for as long as it lives, and an instance that is not ready gets no change that
 * could find out.
 */
export async function readOnlyReason(pool: TenantPool): Promise<string | undefined> {
  const takesNoChanges = ([server]: readonly Row[]) =>
    server?.['standby'] === true || server?.['read_only'] === true;
  const [server] = await pool.ask(statement, takesNoChanges);
  if (server?.['standby']) return 'The database is a standby, which accepts no changes: try again shortly.';
  if (server?.['read_only']) return 'The database is read-only: try again shortly.';
  return undefined;
}
