import { isUuid, type Comment, type Page, type PageRequest } from '@redress/domain';
import { pageOf, travel, type Ask } from './paging';
import { Parameters } from './parameters';
import { toComment } from '../entities/mapping';
import type { Row } from '../entities/entity-schemas';

/** Ids are given in the order of time, so they are the order of the comments. */
export async function listComments(
  ask: Ask,
  tenant: string,
  exceptionId: string,
  page: PageRequest,
): Promise<Page<Comment> | undefined> {
  if (!isUuid(exceptionId)) return undefined;
  const { direction, beyond } = travel(page);
  const parameters = new Parameters();
  const key = `tenant_id = ${parameters.next(tenant, 'text')}`;
  const exception = parameters.next(exceptionId, 'uuid');
  const from = page.position ? `AND id ${beyond} ${parameters.next(page.position.id, 'uuid')}` : '';
  // A left join, so that an exception without comments differs from one that does not exist.
  const rows = await ask(
    `SELECT c.* FROM exception LEFT JOIN LATERAL (
       SELECT * FROM comment WHERE ${key} AND exception_id = ${exception} AND deleted_at IS NULL ${from}
       ORDER BY id ${direction} LIMIT ${parameters.next(page.limit + 1, 'int4')}
     ) c ON true WHERE exception.${key} AND exception.id = ${exception} ORDER BY c.id ${direction}`,
    parameters.values,
  );
  if (rows.length === 0) return undefined;
  const place = (row: Row) => ({ sortValue: null, id: row['id'] as string });
  return pageOf(
    rows.filter((row) => row['id'] !== null),
    page,
    place,
    toComment,
  );
}
