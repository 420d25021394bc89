import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ExceptionDesk } from '@redress/domain';
import { exceptionRefusals } from '@redress/domain/actions';
import { Context, type RequestContext } from '../http/request-context';
import { CallbackRequest, RecallRequest } from './callback-requests';
import { AcceptedResponse, ExceptionResponse } from '../exception-dto/exception-responses';
import { HttpAnswer } from '../http/http-answer';
import { exceptionAnswer } from '../exception-dto/exception.presenter';
import { mayReport } from '../auth/scopes';
import { invalidRequest, Problem } from '../problems/problem';
import { ApiExceptionId, ExceptionId } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';

/** How a pending exception comes back: the external system reports the outcome, or an operator recalls it. */
@ApiTags('Exception')
@Controller('v1/exceptions/:exceptionId')
export class CallbacksController {
  constructor(private readonly desk: ExceptionDesk) {}

  @CommandRoute({
    id: 'processCallback',
    summary: 'Report what became of a dispatched exception',
    description:
      'From the system and issue it was dispatched to. Needs an idempotency key. What is older than the last ' +
      'report applied is recorded, accepted, and changes nothing. Where the policy asks for approval of `resolve`, ' +
      'RESOLVED is accepted as a proposal of the caller; repeating it changes nothing. The scope may be narrowed ' +
      'to one external system, as `callback:process:JIRA` is.',
    scope: 'callback:process',
    needsKey: true,
    answers: [{ status: 200, type: AcceptedResponse, description: 'Accepted.' }],
    refusals: ['not_found', ...exceptionRefusals.receive],
  })
  @ApiExceptionId()
  @Post('callback')
  callback(
    @ExceptionId() id: string,
    @Body() body: CallbackRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    if (!context.meta.idempotency && !context.meta.preview)
      throw invalidRequest({ 'X-Idempotency-Key': 'is required' });
    const callback = { ...body, externalSystem: body.externalSystem.toUpperCase() };
    if (!mayReport(context.caller.scopes, callback.externalSystem))
      throw new Problem('insufficient_scope', 'The scopes of this token are for other external systems.');
    return this.desk.receive(id, callback, context.as(accepted));
  }

  @CommandRoute({
    id: 'recallException',
    summary: 'Recall an exception',
    description: 'Takes back what is pending: a dispatch, or a proposed resolution.',
    scope: 'exception:dispatch',
    answers: [
      { status: 200, type: ExceptionResponse, description: 'The exception as it is now.', etag: true },
    ],
    refusals: ['not_found', ...exceptionRefusals.recall],
  })
  @ApiExceptionId()
  @Post('recall')
  recall(
    @ExceptionId() id: string,
    @Body() body: RecallRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'recall', ...body }, context.as(exceptionAnswer(200)));
  }
}

const accepted = () => HttpAnswer.json(200, { status: 'accepted' });
