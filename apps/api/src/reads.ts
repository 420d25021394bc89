import type { Adjustment, HistoryEvent, ReconException } from '@redress/domain';

/*
 * What lists ask for and get. The HTTP layer reads the query, the database answers it, and this is all they share.
 */

export const exceptionSortKeys = [
  'created_at',
  'updated_at',
  'due_at',
  'severity',
  'status',
  'amount',
  'id',
] as const;
export type ExceptionSortKey = (typeof exceptionSortKeys)[number];
export const sortOrders = ['asc', 'desc'] as const;
export type SortOrder = (typeof sortOrders)[number];

/** Filters that are unset do not restrict. Lists of values mean any of them; times are RFC 3339 text. */
export type ExceptionFilter = Readonly<{
  status?: readonly string[];
  severity?: readonly string[];
  assignedTo?: readonly string[];
  externalSystem?: readonly string[];
  reason?: readonly string[];
  source?: readonly string[];
  currency?: readonly string[];
  transactionId?: readonly string[];
  unassigned?: boolean;
  /** Unresolved and past its due date. */
  overdue?: boolean;
  createdFrom?: string;
  createdBefore?: string;
  dueFrom?: string;
  dueBefore?: string;
  amountMin?: string;
  amountMax?: string;
  /** Each of them occurs in the reason or the resolution's reason or notes, in any letter case. */
  words?: readonly string[];
}>;

/** Where a page begins: beyond the row with this sort value and id, in this direction. */
export type Position = Readonly<{ direction: 'next' | 'prev'; sortValue: string | null; id: string }>;

export type PageRequest = Readonly<{ limit: number; order: SortOrder; position?: Position }>;

/** Items in the order asked for, and where the pages beside this one begin. */
export type Page<Item> = Readonly<{
  items: readonly Item[];
  hasMore: boolean;
  next?: Position;
  prev?: Position;
}>;

/** A line of a history with its place in the chain. */
export type HistoryLine = Readonly<{ seq: number; event: HistoryEvent; prevHash: string; hash: string }>;

/** Lists, straight from the database. Nothing of another tenant is ever in them. */
export abstract class Reads {
  abstract exceptions(
    tenant: string,
    filter: ExceptionFilter,
    sort: ExceptionSortKey,
    page: PageRequest,
  ): Promise<Page<ReconException>>;
  /** undefined = there is no such exception. */
  abstract history(
    tenant: string,
    exceptionId: string,
    page: PageRequest,
  ): Promise<Page<HistoryLine> | undefined>;
  abstract adjustments(tenant: string, exceptionId: string): Promise<readonly Adjustment[] | undefined>;
}
