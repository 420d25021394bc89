import { isUuid, type ForcedMatch } from '@redress/domain';
import type { Ask } from './paging';
import { toForcedMatch } from '../entities/mapping';

/** That of one exception, if it has one; undefined where there is no such exception. */
export async function forcedMatchesOf(
  ask: Ask,
  tenant: string,
  exceptionId: string,
): Promise<readonly ForcedMatch[] | undefined> {
  if (!isUuid(exceptionId)) return undefined;
  const rows = await ask(
    `SELECT m.* FROM exception e LEFT JOIN forced_match m ON m.tenant_id = e.tenant_id AND m.exception_id = e.id
     WHERE e.tenant_id = $1 AND e.id = $2`,
    [tenant, exceptionId],
  );
  return rows.length === 0 ? undefined : rows.filter((row) => row['id'] !== null).map(toForcedMatch);
}
