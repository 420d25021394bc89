import { typeOf } from '../entities/entity-schemas';

/** The job that sends what is due to a webhook endpoint. */
export const deliverTask = 'deliver';

/** The part of a history line that endpoints receive: its first columns. */
const columns = ['exception_id', 'seq', 'id', 'type', 'at'] as const;

/**
 * Tells endpoints of the lines of history that a statement writes, as a term of the count of what it wrote, which is zero.
 * Most tenants have no endpoint, and for them it is one look into an index. `first` is the parameter of history's first
 * column.
 */
export function insertDeliveries(first: number, many: boolean): string {
  const lines = columns.map((column, i) =>
    many ? `$${first + i}::text[]` : `ARRAY[$${first + i}::${typeOf('history', column)}::text]`,
  );
  return (
    'CASE WHEN EXISTS (SELECT FROM webhook_endpoint WHERE tenant_id = $1 AND deleted_at IS NULL) ' +
    `THEN redress_tell_endpoints($1, ${lines.join(', ')}) ELSE 0 END`
  );
}
