import { isUuid, type ListedDispatch } from '@redress/domain';
import type { Ask } from './paging';
import { fromJsonRow, toAttempt, toDispatch } from '../entities/mapping';
import type { Row } from '../entities/entity-schemas';

/** The dispatches of an exception with all their attempts; undefined where there is no such exception. */
export async function listDispatches(
  ask: Ask,
  tenant: string,
  exceptionId: string,
): Promise<readonly ListedDispatch[] | undefined> {
  if (!isUuid(exceptionId)) return undefined;
  const rows = await ask(
    `SELECT d.*, (
       SELECT json_agg(a ORDER BY a.id) FROM dispatch_attempt a WHERE a.tenant_id = $1 AND a.dispatch_id = d.id
     ) AS made
     FROM exception e LEFT JOIN dispatch d ON d.tenant_id = e.tenant_id AND d.exception_id = e.id
     WHERE e.tenant_id = $1 AND e.id = $2 ORDER BY d.id`,
    [tenant, exceptionId],
  );
  if (rows.length === 0) return undefined;
  return rows
    .filter((row) => row['id'] !== null)
    .map(({ made, ...row }) => ({
      dispatch: toDispatch(row),
      attempts: ((made ?? []) as Row[]).map((attempt) => toAttempt(fromJsonRow('dispatch_attempt', attempt))),
    }));
}
