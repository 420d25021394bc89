import type { Page, PageRequest, Position } from '@redress/domain';
import type { Parameters } from './parameters';
import type { Row } from '../entities/entity-schemas';

/** Asks for rows of one tenant. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<Row[]>;

/** What a list is sorted by, as indexed; ties are broken by id, so that every order is total. */
export type SortKey = Readonly<{ expression: string; type: string }>;

export type Listing = Readonly<{
  columns: string;
  table: string;
  where: readonly string[];
  sort: SortKey;
  page: PageRequest;
}>;

/** One page of a table, found by where the one beside it ended, whatever was written meanwhile. */
export async function readPage<Item>(
  ask: Ask,
  parameters: Parameters,
  { columns, table, where, sort: { expression, type }, page }: Listing,
  show: (row: Row) => Item,
): Promise<Page<Item>> {
  const { direction, beyond } = travel(page);
  const from = page.position && [
    parameters.next(page.position.sortValue, type),
    parameters.next(page.position.id, 'uuid'),
  ];
  const conditions = [...where, ...(from ? [`(${expression}, id) ${beyond} (${from.join(', ')})`] : [])];
  const rows = await ask(
    `SELECT ${columns}, (${expression})::text AS sort_value FROM ${table} WHERE ${conditions.join(' AND ')}
     ORDER BY ${expression} ${direction}, id ${direction} LIMIT ${parameters.next(page.limit + 1, 'int4')}`,
    parameters.values,
  );
  const place = (row: Row) => ({ sortValue: row['sort_value'] as string, id: row['id'] as string });
  return pageOf(rows, page, place, ({ sort_value: _, ...row }) => show(row));
}

/** Going back reads the rows in the other order, from where the page begins. */
export function travel({ order, position }: PageRequest): { direction: 'ASC' | 'DESC'; beyond: '<' | '>' } {
  const descending = (order === 'desc') !== (position?.direction === 'prev');
  return descending ? { direction: 'DESC', beyond: '<' } : { direction: 'ASC', beyond: '>' };
}

/** One row more than asked for was read: it tells whether there are others, and is not shown. */
export function pageOf<Item>(
  read: readonly Row[],
  { limit, position }: PageRequest,
  place: (row: Row) => Omit<Position, 'direction'>,
  show: (row: Row) => Item,
): Page<Item> {
  const back = position?.direction === 'prev';
  const hasMore = read.length > limit;
  const rows = read.slice(0, limit);
  if (back) rows.reverse();
  const first = rows[0];
  const last = rows.at(-1);
  return {
    items: rows.map(show),
    hasMore,
    ...(last && (hasMore || back) && { next: { direction: 'next' as const, ...place(last) } }),
    ...(first && (back ? hasMore : position) && { prev: { direction: 'prev' as const, ...place(first) } }),
  };
}
