import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { AdjustmentDesk } from '@redress/domain';
import { ThisCall, type Call } from '../http/request-context';
import { ReverseRequest } from './adjustment-requests';
import { ReversalResponse } from './adjustment-responses';
import { ExceptionResponse } from '../exceptions/exception-responses';
import type { HttpAnswer } from '../http/http-answer';
import { reversalAnswer } from '../exceptions/exception.presenter';
import { Route, UuidPath } from '../http/route';

@ApiTags('Adjustment')
@Controller('v1/adjustments/:adjustmentId')
export class AdjustmentsController {
  constructor(private readonly desk: AdjustmentDesk) {}

  @Route({
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
    refusals: ['not_found', 'still_pending', 'already_reversed', 'not_reversible'],
    command: true,
    unconditional: true,
  })
  @ApiParam({ name: 'adjustmentId', description: 'Adjustment.', schema: { type: 'string', format: 'uuid' } })
  @Post('reverse')
  reverse(
    @Param('adjustmentId', new UuidPath('adjustmentId')) id: string,
    @Body() body: ReverseRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return call.give(reversalAnswer, (...asked) => this.desk.reverse(id, { ...body }, ...asked));
  }
}
