import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Reads } from '@redress/domain';
import { adjustmentParameters, readAdjustmentListing } from './adjustment-query';
import { Context, type RequestContext } from '../http/request-context';
import { AdjustmentList, AdjustmentPage } from './adjustment-responses';
import { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { adjustmentBody } from './adjustment.presenter';
import { QueryParameters, type Query as QueryString } from '../http/query-parameters';
import { ApiExceptionId, ExceptionId, Route } from '../http/route';

/** What was posted to correct the books. */
@ApiTags('Adjustment')
@Controller('v1')
export class AdjustmentReadsController {
  constructor(
    private readonly reads: Reads,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'listAllAdjustments',
    summary: 'List adjustments',
    description:
      'Of all exceptions. With the first page, which is asked for without a cursor, come the exact sums of all that the ' +
      'filters choose; a reversal counts in its own direction.',
    scope: 'exception:read',
    answers: [{ status: 200, type: AdjustmentPage, description: 'A page of adjustments, and the totals.' }],
  })
  @QueryParameters(adjustmentParameters)
  @Get('adjustments')
  async list(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    const { filter, sort, ...paging } = readAdjustmentListing(query);
    const turn = this.pages.turn(paging, [caller.tenant, 'adjustments', filter, sort]);
    const { totals, ...page } = await this.reads.allAdjustments(caller.tenant, filter, sort, turn.page);
    return turn.answer(page, adjustmentBody, totals && { totals });
  }

  @Route({
    id: 'listAdjustments',
    summary: 'List the adjustments of an exception',
    scope: 'exception:read',
    answers: [{ status: 200, type: AdjustmentList, description: 'What was posted to resolve it.' }],
    refusals: ['not_found'],
  })
  @ApiExceptionId()
  @Get('exceptions/:exceptionId/adjustments')
  async ofException(@ExceptionId() id: string, @Context() context: RequestContext): Promise<HttpAnswer> {
    const adjustments = await this.reads.adjustments(context.caller.tenant, id);
    return adjustments
      ? HttpAnswer.json(200, { items: adjustments.map(adjustmentBody) })
      : context.refuse({ code: 'not_found', what: 'exception', id });
  }
}
