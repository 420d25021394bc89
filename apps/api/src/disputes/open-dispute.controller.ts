import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DisputeDesk } from '@redress/domain';
import { disputeRefusals } from '@redress/domain/actions';
import type { HttpAnswer } from '../http/http-answer';
import { Context, type RequestContext } from '../http/request-context';
import { ApiExceptionId, ExceptionId } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';
import { OpenDisputeRequest } from './dispute-requests';
import { DisputeResponse } from './dispute-responses';
import { disputeAnswer } from './dispute.presenter';

/** The route by which an exception gets a dispute. */
@ApiTags('Exception')
@Controller('v1/exceptions/:exceptionId')
export class OpenDisputeController {
  constructor(private readonly desk: DisputeDesk) {}

  @CommandRoute({
    id: 'openDispute',
    summary: 'Open a dispute',
    description: 'One dispute may be active per exception and category.',
    scope: 'dispute:write',
    answers: [{ status: 201, type: DisputeResponse, description: 'The new dispute.', etag: true }],
    refusals: ['not_found', ...disputeRefusals.draft],
  })
  @ApiExceptionId()
  @Post('disputes')
  openDispute(
    @ExceptionId() id: string,
    @Body() body: OpenDisputeRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.open(id, { ...body }, context.as(disputeAnswer(201)));
  }
}
