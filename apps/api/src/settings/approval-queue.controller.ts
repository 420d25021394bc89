import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { proposedCommands, ApprovalReads } from '@redress/domain';
import { maxActorLength } from '@redress/domain/actions';
import { Context, type RequestContext } from '../http/request-context';
import { ExceptionPage } from '../exception-dto/exception-responses';
import { exceptionFilters } from '../exception-dto/exception-filters';
import type { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { pagingFrom, pagingOf } from '../http/paging-query';
import { exceptionBody } from '../exception-dto/exception.presenter';
import { choice, choices, flag, texts } from '../http/query-kinds';
import {
  QueryParameters,
  readQuery,
  whenSet,
  type ParameterTable,
  type Query as QueryString,
} from '../http/query-parameters';
import { Route } from '../http/route';

const { currency, amount_min, amount_max } = exceptionFilters;
const parameters = {
  status: choice('Status of the proposals.', ['pending'], 'pending'),
  currency,
  amount_min,
  amount_max,
  proposer: texts('Who proposed it.', maxActorLength),
  command: choices('What was proposed.', proposedCommands),
  mine: flag('`true`: those that you may approve, as far as who you are decides it.'),
  ...pagingFrom('asc'),
} as const satisfies ParameterTable;

/** The queue of proposals that wait for an approver. */
@ApiTags('Approval')
@Controller('v1/approvals')
export class ApprovalQueueController {
  constructor(
    private readonly reads: ApprovalReads,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'listApprovals',
    summary: 'List what awaits approval',
    description: 'The exceptions with their proposals, those that have waited longest first.',
    scope: 'exception:read',
    answers: [{ status: 200, type: ExceptionPage, description: 'A page of exceptions.' }],
  })
  @QueryParameters(parameters)
  @Get()
  async list(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    const given = readQuery(query, parameters);
    const filter = {
      ...whenSet('currency', given.all('currency')),
      ...whenSet('amountMin', given.one('amount_min')),
      ...whenSet('amountMax', given.one('amount_max')),
      ...whenSet('proposer', given.all('proposer')),
      ...whenSet('command', given.all('command')),
      ...whenSet('approver', given.one('mine') === 'true' ? caller.actor : undefined),
    };
    const turn = this.pages.turn(pagingOf(given, 'asc'), [caller.tenant, 'approvals', filter]);
    return turn.answer(await this.reads.pending(caller.tenant, filter, turn.page), exceptionBody);
  }
}
