import type { Page, PageRequest, Position } from '../ports/reads';

/** Where a row stands in a list: sort values compare as text, and ties are broken by id. */
export type SortPosition = Readonly<{ sortValue: string; id: string }>;

/** One page of rows by keyset pagination: found by where the page beside it ended, whatever was written meanwhile. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  { limit, order, position }: PageRequest,
  place: (row: Row) => SortPosition,
  show: (row: Row) => Item,
): Page<Item> {
  const ahead = order === 'asc' ? 1 : -1;
  const placed = rows.map((row) => ({ row, at: place(row) }));
  placed.sort((a, b) => ahead * compare(a.at, b.at));
  const back = position?.direction === 'prev';
  const isOutside = ({ at }: { at: SortPosition }): boolean => {
    if (!position) return true;
    const side = ahead * compare(at, { sortValue: position.sortValue ?? '', id: position.id });
    return back ? side < 0 : side > 0;
  };
  const outside = placed.filter(isOutside);
  const hasMore = outside.length > limit;
  const chosen = back ? outside.slice(Math.max(outside.length - limit, 0)) : outside.slice(0, limit);
  const [first, last] = [chosen[0], chosen.at(-1)];
  const from = (direction: Position['direction'], { at }: { at: SortPosition }): Position => ({
    direction,
    ...at,
  });
  return {
    items: chosen.map(({ row }) => show(row)),
    hasMore,
    ...(last && (hasMore || back) && { next: from('next', last) }),
    ...(first && (back ? hasMore : position) && { prev: from('prev', first) }),
  };
}

const compare = (a: SortPosition, b: SortPosition): number =>
  compareText(a.sortValue, b.sortValue) || compareText(a.id, b.id);

/** By UTF-16 code units, which is the order of the texts that lists are sorted by: digits, times and ids. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A count as a text that sorts as it does. */
export const sortableCount = (count: number): string => String(count).padStart(10, '0');
