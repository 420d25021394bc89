import {
  isUuid,
  type HistoryEvent,
  type HistoryLine,
  type HistoryPage,
  type PageRequest,
} from '@redress/domain';
import { pageOf, travel, type Ask } from './paging';
import { Parameters } from './parameters';
import type { Row } from '../entities/entity-schemas';

/** Lines of a history, beside the head of its chain that the exception itself keeps: lines that are missing show there. */
export async function listHistory(
  ask: Ask,
  tenant: string,
  exceptionId: string,
  page: PageRequest,
): Promise<HistoryPage | undefined> {
  if (!isUuid(exceptionId)) return undefined;
  const { direction, beyond } = travel(page);
  const parameters = new Parameters();
  const owner = [parameters.next(tenant, 'text'), parameters.next(exceptionId, 'uuid')] as const;
  const from = page.position && `AND seq ${beyond} ${parameters.next(page.position.sortValue, 'int4')}`;
  const rows = await ask(
    `SELECT e.history_seq AS head_seq, encode(e.history_head, 'hex') AS head,
       h.seq, h.id, h.payload, encode(h.prev_hash, 'hex') AS prev_hash, encode(h.hash, 'hex') AS hash
     FROM exception e LEFT JOIN LATERAL (
       SELECT * FROM history WHERE tenant_id = ${owner[0]} AND exception_id = ${owner[1]} ${from ?? ''}
       ORDER BY seq ${direction} LIMIT ${parameters.next(page.limit + 1, 'int4')}
     ) h ON true
     WHERE e.tenant_id = ${owner[0]} AND e.id = ${owner[1]} ORDER BY h.seq ${direction}`,
    parameters.values,
  );
  const [first] = rows;
  if (!first) return undefined;
  const lines = rows.filter(({ seq }) => seq !== null);
  const place = (row: Row) => ({ sortValue: String(row['seq']), id: row['id'] as string });
  const head = { seq: first['head_seq'] as number, hash: first['head'] as string };
  return { ...pageOf(lines, page, place, toLine), head };
}

const toLine = (row: Row): HistoryLine => ({
  seq: row['seq'] as number,
  event: JSON.parse(row['payload'] as string) as HistoryEvent,
  prevHash: row['prev_hash'] as string,
  hash: row['hash'] as string,
});
