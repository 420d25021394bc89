import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { DispatchNow } from '@redress/connectors';
import { Reads } from '@redress/domain';
import { exceptionRefusals, dispatchRefusals } from '@redress/domain/actions';
import { DispatchDesk } from '@redress/domain/integrations';
import { Context, type RequestContext } from '../http/request-context';
import { DispatchList, DispatchPage, DispatchStateResponse } from './dispatch-responses';
import { DispatchAnswerRequest } from './answer-request';
import { dispatchParameters, readDispatchListing } from './dispatch-query';
import { EmptyRequest } from '../http/empty-request';
import { DispatchRequest } from '../exception-dto/exception-requests';
import { DispatchResponse } from '../exception-dto/exception-responses';
import { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { QueryParameters, type Query as QueryString } from '../http/query-parameters';
import {
  dispatchBody,
  dispatchedAnswer,
  dispatchStateAnswer,
  handedOverAnswer,
  listedDispatchBody,
} from './dispatch.presenter';
import { ApiExceptionId, ExceptionId, Route, UuidPath } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';

const ApiDispatchId = () =>
  ApiParam({ name: 'dispatchId', description: 'Dispatch.', schema: { type: 'string', format: 'uuid' } });

/** Dispatches exceptions to people and systems outside, and shows what became of each dispatch. */
@ApiTags('Dispatch')
@Controller('v1')
export class DispatchesController {
  constructor(
    private readonly handOver: DispatchNow,
    private readonly desk: DispatchDesk,
    private readonly reads: Reads,
    private readonly pages: PageResponder,
  ) {}

  @CommandRoute({
    id: 'dispatchException',
    summary: 'Dispatch an exception',
    description:
      'Hands it over to somebody outside. MANUAL is acknowledged at once. The others are when they have confirmed ' +
      'within a few seconds; if not, the work goes on in the background. Nothing is sent again after a success, and a ' +
      'send without a clear answer is repeated once at most, after it was looked up.',
    scope: 'exception:dispatch',
    answers: [{ status: 200, type: DispatchResponse, description: 'The hand-over.', etag: true }],
    refusals: ['not_found', ...exceptionRefusals.dispatch, 'dispatch_refused'],
  })
  @ApiExceptionId()
  @Post('exceptions/:exceptionId/dispatch')
  dispatch(
    @ExceptionId() id: string,
    @Body() { targetSystem: target, queue }: DispatchRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    const command = { target, ...(queue !== undefined && { queue }) };
    return this.handOver.dispatch(id, command, context.as(dispatchedAnswer), handedOverAnswer);
  }

  @Route({
    id: 'listDispatches',
    summary: 'List the dispatches of an exception',
    description:
      'Tickets and the later notes on them, oldest first, each with every attempt and the next one.',
    scope: 'exception:read',
    answers: [{ status: 200, type: DispatchList, description: 'What was handed over, and how it went.' }],
    refusals: ['not_found'],
  })
  @ApiExceptionId()
  @Get('exceptions/:exceptionId/dispatches')
  async list(@ExceptionId() id: string, @Context() context: RequestContext): Promise<HttpAnswer> {
    const found = await this.reads.dispatches(context.caller.tenant, id);
    return found
      ? HttpAnswer.json(200, { items: found.map(listedDispatchBody) })
      : context.refuse({ code: 'not_found', what: 'exception', id });
  }

  @Route({
    id: 'listAllDispatches',
    summary: 'List dispatches',
    description:
      'Of all exceptions, without their attempts: `state=DEAD` are tickets, notes and postings that were given up.',
    scope: 'exception:read',
    answers: [{ status: 200, type: DispatchPage, description: 'A page of dispatches.' }],
  })
  @QueryParameters(dispatchParameters)
  @Get('dispatches')
  async listAll(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    const { filter, sort, ...paging } = readDispatchListing(query);
    const turn = this.pages.turn(paging, [caller.tenant, 'dispatches', filter, sort]);
    return turn.answer(await this.reads.allDispatches(caller.tenant, filter, sort, turn.page), dispatchBody);
  }

  @CommandRoute({
    id: 'redriveDispatch',
    summary: 'Redrive a dead dispatch',
    description:
      'Tries it again from the start of the schedule, under the same id; what may be there is looked up first. What was ' +
      'answered with success, or was sent twice without a clear answer, is only looked up and never sent again.',
    scope: 'exception:dispatch',
    answers: [
      { status: 200, type: DispatchStateResponse, description: 'The dispatch as it is now.', etag: true },
    ],
    refusals: ['not_found', ...dispatchRefusals.redrive],
  })
  @ApiDispatchId()
  @Post('dispatches/:dispatchId/redrive')
  redrive(
    @Param('dispatchId', new UuidPath('dispatchId')) id: string,
    @Body() _body: EmptyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.redrive(id, context.as(dispatchStateAnswer));
  }

  @CommandRoute({
    id: 'answerDispatch',
    summary: 'Answer for a dead dispatch',
    description:
      'Where the other side is not going to tell, a person who has looked there says what became of it. An exception ' +
      'that waits for it is resolved, or comes back with the reason. Where a policy asks for approval, who proposed it ' +
      'does not resolve it alone by that. Where it has `answers`, an answer takes effect once so many other people have given ' +
      'the same.',
    scope: 'admin',
    answers: [
      { status: 200, type: DispatchStateResponse, description: 'The dispatch as it is now.', etag: true },
      {
        status: 202,
        type: DispatchStateResponse,
        description: 'The dispatch as it still is, with the answer that awaits others.',
        etag: true,
      },
    ],
    refusals: ['not_found', ...dispatchRefusals.answer],
  })
  @ApiDispatchId()
  @Post('dispatches/:dispatchId/answer')
  answer(
    @Param('dispatchId', new UuidPath('dispatchId')) id: string,
    @Body() found: DispatchAnswerRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.answer(id, found, context.as(dispatchStateAnswer));
  }
}
