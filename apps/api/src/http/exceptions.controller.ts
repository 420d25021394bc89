import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DisputeDesk, ExceptionDesk } from '@redress/domain';
import { Reads } from '../reads';
import { ThisCall, type Call } from './call';
import { etag } from './conditional';
import {
  AdjustEntryRequest,
  AssignRequest,
  DispatchRequest,
  ForceMatchRequest,
  EmptyRequest,
  RaiseRequest,
  ResolveRequest,
} from './dto/exception-requests';
import { OpenDisputeRequest } from './dto/dispute-requests';
import {
  AdjustmentList,
  DispatchResponse,
  DisputeResponse,
  ExceptionDetail,
  ExceptionPage,
  ExceptionResponse,
  HistoryPage,
} from './dto/responses';
import {
  exceptionParameters,
  pagingParameters,
  readExceptionListing,
  readHistoryPaging,
  type Query as QueryString,
} from './exception-query';
import { HttpAnswer } from './http-answer';
import { Pages } from './pages';
import {
  adjustmentBody,
  disputeAnswer,
  dispatchedAnswer,
  exceptionAnswer,
  exceptionBody,
  exceptionDetail,
  historyBody,
  raisedAnswer,
} from './presenters';
import { ApiExceptionId, ExceptionId, Route } from './route';
import { QueryParameters } from './query-parameters';

const theException = {
  status: 200,
  type: ExceptionResponse,
  description: 'The exception as it is now.',
  etag: true,
};
const amountRefusals = ['unknown_currency', 'amount_precision', 'amount_out_of_range'] as const;
const resolvingRefusals = ['not_found', 'not_allowed', 'still_pending', 'dispute_active'] as const;

@ApiTags('Exception')
@Controller('v1/exceptions')
export class ExceptionsController {
  constructor(
    private readonly desk: ExceptionDesk,
    private readonly disputes: DisputeDesk,
    private readonly reads: Reads,
    private readonly pages: Pages,
  ) {}

  @Route({
    id: 'raiseException',
    summary: 'Raise an exception',
    description:
      'While an unresolved exception has the same transaction and reason, that one counts as seen again; its severity may rise, never fall.',
    scope: 'exception:raise',
    answers: [
      { ...theException, status: 201, description: 'The new exception.' },
      { ...theException, description: 'The exception that was there already.' },
    ],
    refusals: amountRefusals,
    command: true,
  })
  @Post()
  raise(@Body() body: RaiseRequest, @ThisCall() call: Call): Promise<HttpAnswer> {
    return this.desk.raise({ ...body }, call.meta, call.answering(raisedAnswer));
  }

  @Route({
    id: 'listExceptions',
    summary: 'List exceptions',
    scope: 'exception:read',
    answers: [{ status: 200, type: ExceptionPage, description: 'A page of exceptions.' }],
  })
  @QueryParameters(exceptionParameters)
  @Get()
  async list(@Query() query: QueryString, @ThisCall() { caller }: Call): Promise<HttpAnswer> {
    const { filter, sort, ...paging } = readExceptionListing(query);
    const turn = this.pages.turn(paging, [caller.tenant, 'exceptions', filter, sort]);
    return turn.answer(await this.reads.exceptions(caller.tenant, filter, sort, turn.page), exceptionBody);
  }

  @Route({
    id: 'getException',
    summary: 'Get an exception',
    scope: 'exception:read',
    answers: [
      {
        status: 200,
        type: ExceptionDetail,
        description: 'The exception, and what can be done with it.',
        etag: true,
      },
    ],
    refusals: ['not_found'],
  })
  @ApiExceptionId()
  @Get(':exceptionId')
  async get(@ExceptionId() id: string, @ThisCall() call: Call): Promise<HttpAnswer> {
    const found = await this.desk.find(call.caller.tenant, id);
    if (!found.ok) return call.refuse(found.refusal);
    const headers = { etag: etag(found.value.exception.version) };
    return HttpAnswer.json(200, exceptionDetail(found.value, call.caller, this.desk.policy), headers);
  }

  @Route({
    id: 'getExceptionHistory',
    summary: 'Read the history of an exception',
    description:
      'Every change, those of its disputes included, oldest first. Each line holds the hash of the one before.',
    scope: 'exception:read',
    answers: [{ status: 200, type: HistoryPage, description: 'A page of the history.' }],
    refusals: ['not_found'],
  })
  @ApiExceptionId()
  @QueryParameters(pagingParameters)
  @Get(':exceptionId/history')
  async history(
    @ExceptionId() id: string,
    @Query() query: QueryString,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    const { tenant } = call.caller;
    const turn = this.pages.turn(readHistoryPaging(query), [tenant, 'history', id]);
    const page = await this.reads.history(tenant, id, turn.page);
    return page ? turn.answer(page, historyBody) : call.refuse(noException(id));
  }

  @Route({
    id: 'listAdjustments',
    summary: 'List the adjustments of an exception',
    scope: 'exception:read',
    answers: [{ status: 200, type: AdjustmentList, description: 'What was posted to resolve it.' }],
    refusals: ['not_found'],
  })
  @ApiExceptionId()
  @Get(':exceptionId/adjustments')
  async adjustments(@ExceptionId() id: string, @ThisCall() call: Call): Promise<HttpAnswer> {
    const adjustments = await this.reads.adjustments(call.caller.tenant, id);
    return adjustments
      ? HttpAnswer.json(200, { items: adjustments.map(adjustmentBody) })
      : call.refuse(noException(id));
  }

  @Route({
    id: 'assignException',
    summary: 'Assign an exception',
    scope: 'exception:assign',
    answers: [theException],
    refusals: ['not_found', 'not_allowed', 'already_assigned'],
    command: true,
  })
  @ApiExceptionId()
  @Post(':exceptionId/assign')
  assign(
    @ExceptionId() id: string,
    @Body() body: AssignRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'assign', ...body }, call.meta, call.answering(exceptionAnswer(200)));
  }

  @Route({
    id: 'unassignException',
    summary: 'Take an exception from its assignee',
    scope: 'exception:assign',
    answers: [theException],
    refusals: ['not_found', 'not_allowed'],
    command: true,
  })
  @ApiExceptionId()
  @Post(':exceptionId/unassign')
  unassign(
    @ExceptionId() id: string,
    @Body() _body: EmptyRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'unassign' }, call.meta, call.answering(exceptionAnswer(200)));
  }

  @Route({
    id: 'forceMatchException',
    summary: 'Force match an exception',
    description: 'Resolves it by declaring that the transaction matches although the rules say it does not.',
    scope: 'exception:resolve',
    answers: [theException],
    refusals: resolvingRefusals,
    command: true,
  })
  @ApiExceptionId()
  @Post(':exceptionId/force-match')
  forceMatch(
    @ExceptionId() id: string,
    @Body() body: ForceMatchRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.desk.handle(
      id,
      { type: 'force_match', ...body },
      call.meta,
      call.answering(exceptionAnswer(200)),
    );
  }

  @Route({
    id: 'adjustEntryException',
    summary: 'Adjust the entry of an exception',
    description: 'Resolves it by posting the difference. The amount is exact to the digit.',
    scope: 'exception:resolve',
    answers: [theException],
    refusals: [...resolvingRefusals, ...amountRefusals, 'amount_not_positive'],
    command: true,
  })
  @ApiExceptionId()
  @Post(':exceptionId/adjust-entry')
  adjustEntry(
    @ExceptionId() id: string,
    @Body() body: AdjustEntryRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.desk.handle(
      id,
      { type: 'adjust_entry', ...body },
      call.meta,
      call.answering(exceptionAnswer(200)),
    );
  }

  @Route({
    id: 'resolveException',
    summary: 'Resolve an exception',
    description: 'Resolves it without touching the books.',
    scope: 'exception:resolve',
    answers: [theException],
    refusals: resolvingRefusals,
    command: true,
  })
  @ApiExceptionId()
  @Post(':exceptionId/resolve')
  resolve(
    @ExceptionId() id: string,
    @Body() body: ResolveRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.desk.handle(
      id,
      { type: 'resolve', ...body },
      call.meta,
      call.answering(exceptionAnswer(200)),
    );
  }

  @Route({
    id: 'openDispute',
    summary: 'Open a dispute',
    description: 'One dispute may be active per exception and category.',
    scope: 'dispute:write',
    answers: [{ status: 201, type: DisputeResponse, description: 'The new dispute.', etag: true }],
    refusals: ['not_found', 'dispute_active'],
    command: true,
  })
  @ApiExceptionId()
  @Post(':exceptionId/disputes')
  openDispute(
    @ExceptionId() id: string,
    @Body() body: OpenDisputeRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.disputes.open(id, { ...body }, call.meta, call.answering(disputeAnswer(201)));
  }

  @Route({
    id: 'dispatchException',
    summary: 'Dispatch an exception',
    description: 'Hands it over to somebody outside. MANUAL is acknowledged at once.',
    scope: 'exception:dispatch',
    answers: [{ status: 200, type: DispatchResponse, description: 'The hand-over.', etag: true }],
    refusals: ['not_found', 'not_allowed', 'still_pending', 'already_dispatched', 'connector_not_configured'],
    command: true,
  })
  @ApiExceptionId()
  @Post(':exceptionId/dispatch')
  dispatch(
    @ExceptionId() id: string,
    @Body() { targetSystem, queue }: DispatchRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    const command = {
      type: 'dispatch',
      target: targetSystem,
      ...(queue !== undefined && { queue }),
    } as const;
    return this.desk.handle(id, command, call.meta, call.answering(dispatchedAnswer));
  }
}

const noException = (id: string) => ({ code: 'not_found', what: 'exception', id }) as const;
