import type { ReconException } from '../exception/recon-exception';
import { ApprovalReads, type ApprovalFilter, type Page, type PageRequest } from '../ports/reads';
import { mayNotApprove } from '../resolution/proposal';
import { timestamp } from '../value/timestamp';
import type { InMemoryDatabase } from './database';
import { anyOf, isChosen } from './exception-filter';
import { pageOf } from './paging';

/** The queue of approvals over the tables in memory. */
export class InMemoryApprovalReads extends ApprovalReads {
  /** `clock`: by it proposals expire. */
  constructor(
    private readonly database: InMemoryDatabase,
    private readonly clock: () => Date,
  ) {
    super();
  }

  async pending(
    tenant: string,
    { proposer, command, approver, ...filter }: ApprovalFilter,
    page: PageRequest,
  ): Promise<Page<ReconException>> {
    const now = timestamp(this.clock());
    const awaits = isChosen({ ...filter, pending: ['approval'] }, 0);
    const chosen = [...this.database.tablesOf(tenant).exceptions.values()].filter(
      (e) =>
        awaits(e) &&
        e.proposal &&
        anyOf(proposer, e.proposal.proposedBy) &&
        anyOf(command, e.proposal.resolution.type) &&
        (approver === undefined ||
          (mayNotApprove(e.proposal, approver) === undefined &&
            !(e.proposal.expiresAt && e.proposal.expiresAt <= now))),
    );
    return pageOf(
      chosen,
      page,
      (e) => ({ sortValue: e.pendingSince ?? '', id: e.id }),
      (e) => e,
    );
  }
}
