import { isUuid, type Adjustment, type Comment, type ReconException } from '@redress/domain';
import {
  Reads,
  type DisputeFilter,
  type DisputeSortKey,
  type ExceptionFilter,
  type ExceptionSortKey,
  type ExceptionSummary,
  type HistoryLine,
  type ListedDispatch,
  type ListedDispute,
  type Page,
  type PageRequest,
} from '../reads';
import { listComments } from './comment-list';
import type { Connections } from './connections';
import { listDispatches } from './dispatch-list';
import { listDisputes } from './dispute-list';
import { listExceptions } from './exception-list';
import { summarizeExceptions } from './exception-summary';
import { listHistory } from './history-list';
import type { Ask } from './paging';
import { toAdjustment } from './rows';

export class PostgresReads extends Reads {
  constructor(private readonly connections: Connections) {
    super();
  }

  exceptions(
    tenant: string,
    filter: ExceptionFilter,
    sort: ExceptionSortKey,
    page: PageRequest,
  ): Promise<Page<ReconException>> {
    return listExceptions(this.asking(tenant), tenant, filter, sort, page);
  }

  summary(tenant: string, filter: ExceptionFilter): Promise<ExceptionSummary> {
    return summarizeExceptions(this.asking(tenant), tenant, filter);
  }

  disputes(
    tenant: string,
    filter: DisputeFilter,
    sort: DisputeSortKey,
    page: PageRequest,
  ): Promise<Page<ListedDispute>> {
    return listDisputes(this.asking(tenant), tenant, filter, sort, page);
  }

  history(tenant: string, exceptionId: string, page: PageRequest): Promise<Page<HistoryLine> | undefined> {
    return listHistory(this.asking(tenant), tenant, exceptionId, page);
  }

  comments(tenant: string, exceptionId: string, page: PageRequest): Promise<Page<Comment> | undefined> {
    return listComments(this.asking(tenant), tenant, exceptionId, page);
  }

  dispatches(tenant: string, exceptionId: string): Promise<readonly ListedDispatch[] | undefined> {
    return listDispatches(this.asking(tenant), tenant, exceptionId);
  }

  async adjustments(tenant: string, exceptionId: string): Promise<readonly Adjustment[] | undefined> {
    if (!isUuid(exceptionId)) return undefined;
    const rows = await this.asking(tenant)(
      `SELECT a.* FROM exception e LEFT JOIN adjustment a ON a.tenant_id = e.tenant_id AND a.exception_id = e.id
       WHERE e.tenant_id = $1 AND e.id = $2 ORDER BY a.created_at, a.id`,
      [tenant, exceptionId],
    );
    return rows.length === 0 ? undefined : rows.filter((row) => row['id'] !== null).map(toAdjustment);
  }

  private asking(tenant: string): Ask {
    return (text, values) => this.connections.use(tenant, (connection) => connection.query({ text }, values));
  }
}
