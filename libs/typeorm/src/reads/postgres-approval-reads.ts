import {
  type ReconException,
  type Page,
  type PageRequest,
  ApprovalReads,
  type ApprovalFilter,
} from '@redress/domain';
import { mayNotApprove } from '@redress/domain/actions';
import type { TenantPool } from '../database/tenant-pool';
import { chosenExceptions } from './exception-filter';
import { readPage, type Ask } from './paging';
import { Parameters } from './parameters';
import { toException } from '../entities/mapping';

/** The queue of approvals in PostgreSQL. */
export class PostgresApprovalReads extends ApprovalReads {
  constructor(private readonly pool: TenantPool) {
    super();
  }

  async pending(
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
    const ask: Ask = (text, values) => this.pool.use(tenant, (session) => session.query({ text }, values));
    const pending = await readPage(ask, parameters, listing, toException);
    if (approver === undefined) return pending;
    // The conditions above compare names letter by letter; other spellings of one person are the domain's to know.
    const items = pending.items.filter(({ proposal }) => proposal && !mayNotApprove(proposal, approver));
    return { ...pending, items };
  }
}

/** It has not expired, and was neither proposed, nor assigned where that bars them, nor approved already by this person. */
const mayApprove = (person: string): string =>
  `coalesce((proposal->>'expiresAt')::timestamptz > now(), true) AND
   proposal->>'proposedBy' <> ${person} AND proposal->>'assignedBy' IS DISTINCT FROM ${person} AND NOT EXISTS (
     SELECT FROM json_array_elements_text(proposal->'formerAssigners') a WHERE a = ${person}) AND NOT EXISTS (
     SELECT FROM json_array_elements(proposal->'approvals') a WHERE a->>'by' = ${person})`;
