import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ExceptionDesk } from '@redress/domain';
import { proposalRefusals } from '@redress/domain/actions';
import { Context, type RequestContext } from '../http/request-context';
import { RejectRequest } from './approval-requests';
import { EmptyRequest } from '../http/empty-request';
import { ExceptionResponse } from '../exception-dto/exception-responses';
import type { HttpAnswer } from '../http/http-answer';
import { exceptionAnswer } from '../exception-dto/exception.presenter';
import { ApiExceptionId, ExceptionId } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';

const theException = {
  status: 200,
  type: ExceptionResponse,
  description: 'The exception as it is now.',
  etag: true,
};

/** What becomes of a proposed resolution, or of a proposed reversal. */
@ApiTags('Approval')
@Controller('v1/exceptions/:exceptionId')
export class ApprovalsController {
  constructor(private readonly desk: ExceptionDesk) {}

  @CommandRoute({
    id: 'approveProposal',
    summary: 'Approve what was proposed',
    description:
      'Each approval is given by somebody else, and none by the proposer. The last one that is needed resolves the exception, ' +
      'or posts the reversal of its adjustment. None counts from `expiresAt` on.',
    scope: 'exception:approve',
    answers: [theException],
    refusals: ['not_found', ...proposalRefusals.confirm],
  })
  @ApiExceptionId()
  @Post('approve')
  approve(
    @ExceptionId() id: string,
    @Body() _body: EmptyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'confirm', of: 'proposal' }, context.as(exceptionAnswer(200)));
  }

  @CommandRoute({
    id: 'rejectProposal',
    summary: 'Reject what was proposed',
    description: 'The exception goes back to where it was. Who proposed it withdraws it instead.',
    scope: 'exception:approve',
    answers: [theException],
    refusals: ['not_found', ...proposalRefusals.return],
  })
  @ApiExceptionId()
  @Post('reject')
  reject(
    @ExceptionId() id: string,
    @Body() { reason }: RejectRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'return', of: 'proposal', reason }, context.as(exceptionAnswer(200)));
  }

  @CommandRoute({
    id: 'withdrawProposal',
    summary: 'Withdraw what you proposed',
    scope: 'exception:resolve',
    answers: [theException],
    refusals: ['not_found', ...proposalRefusals.recall],
  })
  @ApiExceptionId()
  @Post('withdraw')
  withdraw(
    @ExceptionId() id: string,
    @Body() _body: EmptyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.handle(id, { type: 'recall', of: 'proposal' }, context.as(exceptionAnswer(200)));
  }
}
