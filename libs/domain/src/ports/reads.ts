import type { HistoryEvent } from '../change';
import type { Comment } from '../comment/comment';
import type { Dispatch, DispatchAttempt } from '../dispatch/dispatch';
import type { Dispute } from '../dispute/dispute';
import type { Direction } from '../resolution/commands';
import type { ReconException } from '../exception/recon-exception';
import type { ExceptionFilter } from './exception-filter';
import type { Adjustment } from '../resolution/adjustment';
import type { ForcedMatch } from '../resolution/forced-match';

/*
 * The read side: lists with filters, sort keys and keyset pagination. Writing goes through the stores of a unit of work.
 */

/** The sort keys of the list of exceptions. Ties are sorted by id; no amount comes before all amounts. */
export const exceptionSortKeys = [
  'created_at',
  'updated_at',
  'due_at',
  'severity',
  'status',
  'amount',
  'id',
] as const;
/** A sort key of the list of exceptions. */
export type ExceptionSortKey = (typeof exceptionSortKeys)[number];
/** The sort orders. */
export const sortOrders = ['asc', 'desc'] as const;
/** Ascending or descending. */
export type SortOrder = (typeof sortOrders)[number];

/** Hours at which one age of unresolved exceptions ends and the next begins. */
export const ageLimits = [24, 72, 120, 168] as const;
/** Names beyond so many, the most frequent first, are counted together. */
export const maxNames = 50;

/** How many exceptions there are, each counted once in every part. */
export type ExceptionSummary = Readonly<{
  total: number;
  /** Unresolved and past their due date. */
  overdue: number;
  byStatus: Readonly<Record<string, number>>;
  bySeverity: Readonly<Record<string, number>>;
  byReason: Readonly<{ top: readonly Readonly<{ reason: string; count: number }>[]; other: number }>;
  byAssignee: Readonly<{
    top: readonly Readonly<{ assignee: string; count: number }>[];
    unassigned: number;
    other: number;
  }>;
  /** Of the unresolved ones, by the time since `occurredAt`, or since they were raised where it is unset; the last has no end. */
  byAge: readonly Readonly<{ fromHours: number; toHours?: number; count: number }>[];
  /** Sums are exact, in units of their currency. */
  amounts: readonly Readonly<{ currency: string; count: number; sum: string }>[];
}>;

/** The sort keys of the list of adjustments. Ties are sorted by id. */
export const adjustmentSortKeys = ['created_at', 'effective_at', 'id'] as const;
/** A sort key of the list of adjustments. */
export type AdjustmentSortKey = (typeof adjustmentSortKeys)[number];

/** As with exceptions: what is unset does not restrict. */
export type AdjustmentFilter = Readonly<{
  exceptionId?: readonly string[];
  currency?: readonly string[];
  direction?: readonly string[];
  reasonCode?: readonly string[];
  createdBy?: readonly string[];
  effectiveFrom?: string;
  effectiveBefore?: string;
  createdFrom?: string;
  createdBefore?: string;
  amountMin?: string;
  amountMax?: string;
  /** Another one takes it back. */
  reversed?: boolean;
  /** It takes another one back. */
  reversal?: boolean;
}>;

/** An adjustment in a list, with the id of the adjustment that reverses it. */
export type ListedAdjustment = Adjustment & Readonly<{ reversedBy?: string }>;

/** `amount` is exact, in units of the currency. */
export type AdjustmentTotal = Readonly<{
  currency: string;
  direction: Direction;
  count: number;
  amount: string;
}>;

/** The sort keys of the list of dispatches. Ties are sorted by id. */
export const dispatchSortKeys = ['requested_at', 'updated_at', 'id'] as const;
/** A sort key of the list of dispatches. */
export type DispatchSortKey = (typeof dispatchSortKeys)[number];

/** As with exceptions: what is unset does not restrict. */
export type DispatchFilter = Readonly<{
  state?: readonly string[];
  target?: readonly string[];
  kind?: readonly string[];
  exceptionId?: readonly string[];
  requestedFrom?: string;
  requestedBefore?: string;
}>;

/** The sort keys of the list of disputes: states and categories in the order of their tables. Ties are sorted by id. */
export const disputeSortKeys = ['created_at', 'updated_at', 'state', 'category', 'id'] as const;
/** A sort key of the list of disputes. */
export type DisputeSortKey = (typeof disputeSortKeys)[number];

/** As with exceptions: what is unset does not restrict. */
export type DisputeFilter = Readonly<{
  state?: readonly string[];
  category?: readonly string[];
  exceptionId?: readonly string[];
  openedBy?: readonly string[];
  createdFrom?: string;
  createdBefore?: string;
}>;

/** A dispute in a list. Its evidence, of which there may be hundreds of pieces, is counted and left out. */
export type ListedDispute = Omit<Dispute, 'evidence'> & Readonly<{ evidenceCount: number }>;

/** Where a page begins: beyond the row with this sort value and id, in this direction. */
export type Position = Readonly<{ direction: 'next' | 'prev'; sortValue: string | null; id: string }>;

/** One page of a list (keyset pagination): at most `limit` items, from `position` on, or from the start. */
export type PageRequest = Readonly<{ limit: number; order: SortOrder; position?: Position }>;

/** Items in the order asked for, and where the pages beside this one begin. */
export type Page<Item> = Readonly<{
  items: readonly Item[];
  hasMore: boolean;
  next?: Position;
  prev?: Position;
}>;

/** The totals are those of all pages, and come with the first one. */
export type AdjustmentPage = Page<ListedAdjustment> & Readonly<{ totals?: readonly AdjustmentTotal[] }>;

/** A line of a history with its place in the chain. */
export type HistoryLine = Readonly<{ seq: number; event: HistoryEvent; prevHash: string; hash: string }>;

/** Lines of a history, and the head of its chain as the exception keeps it: how many lines there are, and the last hash. */
export type HistoryPage = Page<HistoryLine> & Readonly<{ head: Readonly<{ seq: number; hash: string }> }>;

/** A dispatch with its attempts, oldest first. */
export type ListedDispatch = Readonly<{ dispatch: Dispatch; attempts: readonly DispatchAttempt[] }>;

/** Lists, straight from the database. Nothing of another tenant is ever in them. */
export abstract class Reads {
  /** One page of the exceptions that match the filter. */
  abstract exceptions(
    tenant: string,
    filter: ExceptionFilter,
    sort: ExceptionSortKey,
    page: PageRequest,
  ): Promise<Page<ReconException>>;
  /** Counts and sums of the exceptions that match the filter, all read from one snapshot. */
  abstract summary(tenant: string, filter: ExceptionFilter): Promise<ExceptionSummary>;
  /** One page of the disputes that match the filter. */
  abstract disputes(
    tenant: string,
    filter: DisputeFilter,
    sort: DisputeSortKey,
    page: PageRequest,
  ): Promise<Page<ListedDispute>>;
  /** One page of the adjustments of all exceptions that match the filter. */
  abstract allAdjustments(
    tenant: string,
    filter: AdjustmentFilter,
    sort: AdjustmentSortKey,
    page: PageRequest,
  ): Promise<AdjustmentPage>;
  /** One page of the dispatches of all exceptions that match the filter, without their attempts. */
  abstract allDispatches(
    tenant: string,
    filter: DispatchFilter,
    sort: DispatchSortKey,
    page: PageRequest,
  ): Promise<Page<Dispatch>>;
  /** Here and below: undefined = there is no such exception. */
  abstract history(tenant: string, exceptionId: string, page: PageRequest): Promise<HistoryPage | undefined>;
  /** In the order in which they were posted. */
  abstract adjustments(tenant: string, exceptionId: string): Promise<readonly ListedAdjustment[] | undefined>;
  /** One at most. */
  abstract forcedMatches(tenant: string, exceptionId: string): Promise<readonly ForcedMatch[] | undefined>;
  /** In the order in which they were reserved. */
  abstract dispatches(tenant: string, exceptionId: string): Promise<readonly ListedDispatch[] | undefined>;
  /** In the order in which they were made; without those that were deleted. */
  abstract comments(
    tenant: string,
    exceptionId: string,
    page: PageRequest,
  ): Promise<Page<Comment> | undefined>;
}

/** Which proposals that await approval are listed; what is unset does not restrict. */
export type ApprovalFilter = Pick<ExceptionFilter, 'currency' | 'amountMin' | 'amountMax'> &
  Readonly<{
    proposer?: readonly string[];
    /** The command that was proposed. */
    command?: readonly string[];
    /** Only those that this person may still approve; none that has expired, by the time of the store. */
    approver?: string;
  }>;

/** The queue of approvals. It shows nothing of another tenant. */
export abstract class ApprovalReads {
  /** The exceptions with a proposal that awaits approval, sorted by the time at which it was made. */
  abstract pending(tenant: string, filter: ApprovalFilter, page: PageRequest): Promise<Page<ReconException>>;
}
