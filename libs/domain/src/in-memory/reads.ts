import type { ExceptionFilter } from '../ports/exception-filter';
import type { Comment } from '../comment/comment';
import type { Dispatch } from '../dispatch/dispatch';
import type { ReconException } from '../exception/recon-exception';
import {
  Reads,
  type AdjustmentFilter,
  type AdjustmentPage,
  type AdjustmentSortKey,
  type DispatchFilter,
  type DispatchSortKey,
  type DisputeFilter,
  type DisputeSortKey,
  type ExceptionSortKey,
  type ExceptionSummary,
  type HistoryLine,
  type HistoryPage,
  type ListedAdjustment,
  type ListedDispatch,
  type ListedDispute,
  type Page,
  type PageRequest,
} from '../ports/reads';
import type { ForcedMatch } from '../resolution/forced-match';
import { chained } from './history-chain';
import { listAdjustments, listedAdjustments } from './adjustment-list';
import { listDispatches, withAttempts } from './dispatch-list';
import type { InMemoryDatabase } from './database';
import type { Tables } from './tables';
import { anyId, anyOf, isChosen, within } from './exception-filter';
import { summarize } from './exception-summary';
import { compareText, pageOf, sortableCount } from './paging';
import { disputeSortValues, exceptionSortValues } from './list-orders';

/** What reads need beside the tables. */
export type InMemoryReadOptions = Readonly<{
  /** The time by which exceptions are overdue and have an age. */
  clock: () => Date;
  /** A hash of a text, for the chain of a history: the library has none of its own. */
  hash: (text: string) => string;
}>;

const byId = ({ id }: Readonly<{ id: string }>) => ({ sortValue: '', id });
const same = <Item>(item: Item): Item => item;

/** Lists over the tables in memory, for tests and trials: each reads all that the tenant has. */
export class InMemoryReads extends Reads {
  constructor(
    private readonly database: InMemoryDatabase,
    private readonly options: InMemoryReadOptions,
  ) {
    super();
  }

  async exceptions(
    tenant: string,
    filter: ExceptionFilter,
    sort: ExceptionSortKey,
    page: PageRequest,
  ): Promise<Page<ReconException>> {
    const place = (e: ReconException) => ({ sortValue: exceptionSortValues[sort](e), id: e.id });
    return pageOf(this.chosen(tenant, filter), page, place, same);
  }

  async summary(tenant: string, filter: ExceptionFilter): Promise<ExceptionSummary> {
    return summarize(this.chosen(tenant, filter), this.options.clock().getTime());
  }

  async disputes(
    tenant: string,
    filter: DisputeFilter,
    sort: DisputeSortKey,
    page: PageRequest,
  ): Promise<Page<ListedDispute>> {
    const all = [...this.tablesOf(tenant).disputes.values()].map(
      ({ evidence, ...dispute }): ListedDispute => ({ ...dispute, evidenceCount: evidence.length }),
    );
    const chosen = all.filter(
      (dispute) =>
        anyOf(filter.state, dispute.state) &&
        anyOf(filter.category, dispute.category) &&
        anyId(filter.exceptionId, dispute.exceptionId) &&
        anyOf(filter.openedBy, dispute.openedBy) &&
        within(dispute.createdAt, filter.createdFrom, filter.createdBefore),
    );
    const place = (one: ListedDispute) => ({ sortValue: disputeSortValues[sort](one), id: one.id });
    return pageOf(chosen, page, place, same);
  }

  async allAdjustments(
    tenant: string,
    filter: AdjustmentFilter,
    sort: AdjustmentSortKey,
    page: PageRequest,
  ): Promise<AdjustmentPage> {
    return listAdjustments(this.tablesOf(tenant), filter, sort, page);
  }

  async history(tenant: string, exceptionId: string, page: PageRequest): Promise<HistoryPage | undefined> {
    const events = this.of(tenant, exceptionId, (t) => t.history);
    const lines = chained(events ?? [], this.options.hash);
    const last = lines.at(-1);
    if (!last) return undefined;
    const place = ({ seq, event }: HistoryLine) => ({ sortValue: sortableCount(seq), id: event.id });
    return { ...pageOf(lines, page, place, same), head: { seq: last.seq, hash: last.hash } };
  }

  async adjustments(tenant: string, exceptionId: string): Promise<readonly ListedAdjustment[] | undefined> {
    const its = this.of(tenant, exceptionId, listedAdjustments);
    return its && [...its].sort((a, b) => compareText(a.createdAt, b.createdAt) || compareText(a.id, b.id));
  }

  async forcedMatches(tenant: string, exceptionId: string): Promise<readonly ForcedMatch[] | undefined> {
    return this.of(tenant, exceptionId, (t) => t.matches);
  }

  async dispatches(tenant: string, exceptionId: string): Promise<readonly ListedDispatch[] | undefined> {
    const its = this.of(tenant, exceptionId, (t) => [...t.dispatches.values()]);
    return its && withAttempts(its, this.tablesOf(tenant));
  }

  async allDispatches(
    tenant: string,
    filter: DispatchFilter,
    sort: DispatchSortKey,
    page: PageRequest,
  ): Promise<Page<Dispatch>> {
    return listDispatches(this.tablesOf(tenant), filter, sort, page);
  }

  async comments(tenant: string, exceptionId: string, page: PageRequest): Promise<Page<Comment> | undefined> {
    const its = this.of(tenant, exceptionId, (t) => [...t.comments.values()]);
    return (
      its &&
      pageOf(
        its.filter(({ deletedAt }) => !deletedAt),
        page,
        byId,
        same,
      )
    );
  }

  private chosen(tenant: string, filter: ExceptionFilter): readonly ReconException[] {
    const nowMs = this.options.clock().getTime();
    return [...this.tablesOf(tenant).exceptions.values()].filter(isChosen(filter, nowMs));
  }

  /** What belongs to an exception; undefined where there is no such exception. */
  private of<Row extends Readonly<{ exceptionId: string }>>(
    tenant: string,
    exceptionId: string,
    from: (t: Tables) => readonly Row[],
  ): readonly Row[] | undefined {
    const t = this.tablesOf(tenant);
    const id = exceptionId.toLowerCase();
    return t.exceptions.has(id) ? from(t).filter((row) => row.exceptionId === id) : undefined;
  }

  private tablesOf(tenant: string): Tables {
    return this.database.tablesOf(tenant);
  }
}
