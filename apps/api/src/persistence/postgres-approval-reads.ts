import type { ReconException } from '@redress/domain';
import { ApprovalReads, type ApprovalFilter, type PolicyVersion } from '../approvals/approval-policy';
import type { Page, PageRequest } from '../reads';
import type { Connections } from './connections';
import { chosenExceptions } from './exception-filter';
import { readPage, type Ask } from './paging';
import { Parameters } from './parameters';
import { latestPolicy } from './policy-rows';
import { toException, toPolicyVersion } from './rows';

export class PostgresApprovalReads extends ApprovalReads {
  constructor(private readonly connections: Connections) {
    super();
  }

  async policy(tenant: string): Promise<PolicyVersion | undefined> {
    const [row] = await this.asking(tenant)(latestPolicy, [tenant]);
    return row && toPolicyVersion(row);
  }

  versions(tenant: string, page: PageRequest): Promise<Page<PolicyVersion>> {
    const parameters = new Parameters();
    const where = [`tenant_id = ${parameters.next(tenant, 'text')}`];
    const sort = { expression: 'version', type: 'int4' };
    const listing = { columns: '*', table: 'approval_policy', where, sort, page };
    return readPage(this.asking(tenant), parameters, listing, toPolicyVersion);
  }

  pending(
    tenant: string,
    { proposer, command, approver, ...filter }: ApprovalFilter,
    page: PageRequest,
  ): Promise<Page<ReconException>> {
    const parameters = new Parameters();
    const where = [
      ...chosenExceptions(tenant, { ...filter, pending: ['approval'] }, parameters),
      ...parameters.anyOf(`proposal->>'proposedBy'`, proposer),
      ...parameters.anyOf(`proposal->'resolution'->>'type'`, command),
      ...(approver === undefined ? [] : [mayApprove(parameters.next(approver, 'text'))]),
    ];
    const sort = { expression: 'pending_since', type: 'timestamptz' };
    const listing = { columns: '*', table: 'exception', where, sort, page };
    return readPage(this.asking(tenant), parameters, listing, toException);
  }

  private asking(tenant: string): Ask {
    return (text, values) => this.connections.use(tenant, (connection) => connection.query({ text }, values));
  }
}

/** Neither who proposed it, nor who assigned it where that bars them, nor who has approved it already. */
const mayApprove = (person: string): string =>
  `proposal->>'proposedBy' <> ${person} AND proposal->>'assignedBy' IS DISTINCT FROM ${person} AND NOT EXISTS (
     SELECT FROM json_array_elements(proposal->'approvals') a WHERE a->>'by' = ${person})`;
