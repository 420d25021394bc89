import { isUuid, type HistoryEvent, type HistoryLine, type Page, type PageRequest } from '@redress/domain';
import { pageOf, travel, type Ask } from './paging';
import { Parameters } from './parameters';
import type { Row } from '../entities/entity-schemas';

export async function listHistory(
  ask: Ask,
  tenant: string,
  exceptionId: string,
  page: PageRequest,
): Promise<Page<HistoryLine> | undefined> {
  if (!isUuid(exceptionId)) return undefined;
  const { direction, beyond } = travel(page);
  const parameters = new Parameters();
  const where = [
    `tenant_id = ${parameters.next(tenant, 'text')}`,
    `exception_id = ${parameters.next(exceptionId, 'uuid')}`,
    ...(page.position ? [`seq ${beyond} ${parameters.next(page.position.sortValue, 'int4')}`] : []),
  ];
  const rows = await ask(
    `SELECT seq, id, payload, encode(prev_hash, 'hex') AS prev_hash, encode(hash, 'hex') AS hash FROM history
     WHERE ${where.join(' AND ')} ORDER BY seq ${direction} LIMIT ${parameters.next(page.limit + 1, 'int4')}`,
    parameters.values,
  );
  // Every exception has its first line, so an empty page without a cursor means that there is none.
  if (rows.length === 0 && !page.position) return undefined;
  const place = (row: Row) => ({ sortValue: String(row['seq']), id: row['id'] as string });
  return pageOf(rows, page, place, toLine);
}

const toLine = (row: Row): HistoryLine => ({
  seq: row['seq'] as number,
  event: JSON.parse(row['payload'] as string) as HistoryEvent,
  prevHash: row['prev_hash'] as string,
  hash: row['hash'] as string,
});
