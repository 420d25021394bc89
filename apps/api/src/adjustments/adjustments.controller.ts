import { adjustmentRefusals } from '@redress/domain/actions';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { AdjustmentDesk } from '@redress/domain';
import { Context, type RequestContext } from '../http/request-context';
import { ReverseRequest } from './adjustment-requests';
import { ReversalResponse } from './adjustment-responses';
import { ExceptionResponse } from '../exception-dto/exception-responses';
import type { HttpAnswer } from '../http/http-answer';
import { reversalAnswer } from './adjustment.presenter';
import { UuidPath } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';

@ApiTags('Adjustment')
@Controller('v1/adjustments/:adjustmentId')
export class AdjustmentsController {
  constructor(private readonly desk: AdjustmentDesk) {}

  @CommandRoute({
    id: 'reverseAdjustment',
    summary: 'Reverse an adjustment',
    description:
      'Posts the opposite, once; nothing is changed or deleted. The transaction is open again: as a new exception, or as ' +
      'the unresolved one that there is of the same transaction and reason. Its `reversalOf` names the resolved one. ' +
      'Where the policy asks for approval of an `adjust_entry` of that amount, it is proposed: nothing is posted before ' +
      'it is approved, and the answer is the resolved exception with the proposal.',
    scope: 'exception:resolve',
    answers: [
      { status: 201, type: ReversalResponse, description: 'The reversal, and the exception to work on.' },
      { status: 200, type: ExceptionResponse, description: 'It awaits approval.', etag: true },
    ],
    refusals: ['not_found', ...adjustmentRefusals.reverse],
    unconditional: true,
  })
  @ApiParam({ name: 'adjustmentId', description: 'Adjustment.', schema: { type: 'string', format: 'uuid' } })
  @Post('reverse')
  reverse(
    @Param('adjustmentId', new UuidPath('adjustmentId')) id: string,
    @Body() body: ReverseRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.desk.reverse(id, { ...body }, context.as(reversalAnswer));
  }
}
