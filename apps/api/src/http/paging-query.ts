import { sortOrders, type SortOrder } from '@redress/domain';
import { maxCursorLength } from './cursor';
import { choice } from './query-kinds';
import { readQuery, type Given, type ParameterTable, type Query } from './query-parameters';

export const maxPageSize = 200;
export const defaultPageSize = 20;

export type Paging = Readonly<{ limit: number; order: SortOrder; cursor?: string }>;

export const orderParameter = (initial: SortOrder) => choice('Direction of the order.', sortOrders, initial);

/** What every list takes, whose order is this one unless asked otherwise. */
export const pagingFrom = (initial: SortOrder) =>
  ({
    sort_order: orderParameter(initial),
    limit: {
      description: 'How many items a page has at most.',
      schema: { type: 'integer', minimum: 1, maximum: maxPageSize, default: defaultPageSize },
      mayBeEmpty: true,
      fault: (value) =>
        /^[0-9]{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= maxPageSize
          ? undefined
          : `must be a number from 1 to ${maxPageSize}`,
    },
    cursor: {
      description: '`nextCursor` or `prevCursor` of an earlier page of the same query.',
      schema: { type: 'string', maxLength: maxCursorLength, pattern: '^[A-Za-z0-9_-]*$' },
      mayBeEmpty: true,
      fault: () => undefined,
    },
  }) as const satisfies ParameterTable;

export function pagingOf(given: Given, initial: SortOrder): Paging {
  const size = given.one('limit');
  const cursor = given.one('cursor');
  return {
    limit: size === undefined ? defaultPageSize : Number(size),
    order: orderOf(given, initial),
    ...(cursor !== undefined && { cursor }),
  };
}

export const orderOf = (given: Given, initial: SortOrder): SortOrder =>
  (given.one('sort_order') as SortOrder | undefined) ?? initial;

/** What happened one after the other reads from its beginning unless asked otherwise. */
export const pagingParameters = pagingFrom('asc');

export const readPaging = (query: Query): Paging => pagingOf(readQuery(query, pagingParameters), 'asc');
