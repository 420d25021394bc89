import {
  type Comment,
  type ForcedMatch,
  type ReconException,
  Reads,
  type AdjustmentFilter,
  type AdjustmentPage,
  type AdjustmentSortKey,
  type Dispatch,
  type DispatchFilter,
  type DispatchSortKey,
  type DisputeFilter,
  type DisputeSortKey,
  type ExceptionFilter,
  type ExceptionSortKey,
  type ExceptionSummary,
  type HistoryPage,
  type ListedAdjustment,
  type ListedDispatch,
  type ListedDispute,
  type Page,
  type PageRequest,
} from '@redress/domain';
import { adjustmentsOf, listAdjustments } from './adjustment-list';
import { listComments } from './comment-list';
import type { Weight } from '../database/pool-shares';
import type { TenantPool } from '../database/tenant-pool';
import { listAllDispatches, listDispatches } from './dispatch-list';
import { listDisputes } from './dispute-list';
import { listExceptions } from './exception-list';
import { summarizeExceptions } from './exception-summary';
import { forcedMatchesOf } from './forced-match-list';
import { listHistory } from './history-list';
import type { Ask } from './paging';

/** A page with more items is one of an export. */
const maxLightPage = 200;

export class PostgresReads extends Reads {
  constructor(private readonly pool: TenantPool) {
    super();
  }

  exceptions(
    tenant: string,
    filter: ExceptionFilter,
    sort: ExceptionSortKey,
    page: PageRequest,
  ): Promise<Page<ReconException>> {
    // Pages of an export have more items than any other; words are looked for in every exception of the tenant.
    const weight = page.limit > maxLightPage || filter.words !== undefined ? 'heavy' : 'light';
    return listExceptions(this.asking(tenant, weight), tenant, filter, sort, page);
  }

  summary(tenant: string, filter: ExceptionFilter): Promise<ExceptionSummary> {
    return summarizeExceptions(this.asking(tenant, 'heavy'), tenant, filter);
  }

  disputes(
    tenant: string,
    filter: DisputeFilter,
    sort: DisputeSortKey,
    page: PageRequest,
  ): Promise<Page<ListedDispute>> {
    return listDisputes(this.asking(tenant), tenant, filter, sort, page);
  }

  history(tenant: string, exceptionId: string, page: PageRequest): Promise<HistoryPage | undefined> {
    return listHistory(this.asking(tenant), tenant, exceptionId, page);
  }

  comments(tenant: string, exceptionId: string, page: PageRequest): Promise<Page<Comment> | undefined> {
    return listComments(this.asking(tenant), tenant, exceptionId, page);
  }

  dispatches(tenant: string, exceptionId: string): Promise<readonly ListedDispatch[] | undefined> {
    return listDispatches(this.asking(tenant), tenant, exceptionId);
  }

  allDispatches(
    tenant: string,
    filter: DispatchFilter,
    sort: DispatchSortKey,
    page: PageRequest,
  ): Promise<Page<Dispatch>> {
    return listAllDispatches(this.asking(tenant), tenant, filter, sort, page);
  }

  adjustments(tenant: string, exceptionId: string): Promise<readonly ListedAdjustment[] | undefined> {
    return adjustmentsOf(this.asking(tenant), tenant, exceptionId);
  }

  forcedMatches(tenant: string, exceptionId: string): Promise<readonly ForcedMatch[] | undefined> {
    return forcedMatchesOf(this.asking(tenant), tenant, exceptionId);
  }

  allAdjustments(
    tenant: string,
    filter: AdjustmentFilter,
    sort: AdjustmentSortKey,
    page: PageRequest,
  ): Promise<AdjustmentPage> {
    return listAdjustments(this.asking(tenant), tenant, filter, sort, page);
  }

  private asking(tenant: string, weight: Weight = 'light'): Ask {
    return (text, values) =>
      this.pool.use(tenant, (session) => session.query({ text }, values), undefined, weight);
  }
}
