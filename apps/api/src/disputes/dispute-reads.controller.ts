import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Reads } from '@redress/domain';
import { Context, type RequestContext } from '../http/request-context';
import { disputeParameters, readDisputeListing } from './dispute-query';
import { DisputePage } from './dispute-responses';
import type { HttpAnswer } from '../http/http-answer';
import { PageResponder } from '../http/page-responder';
import { listedDisputeBody } from './dispute.presenter';
import { QueryParameters, type Query as QueryString } from '../http/query-parameters';
import { Route } from '../http/route';

@ApiTags('Dispute')
@Controller('v1/disputes')
export class DisputeReadsController {
  constructor(
    private readonly reads: Reads,
    private readonly pages: PageResponder,
  ) {}

  @Route({
    id: 'listDisputes',
    summary: 'List disputes',
    description: 'Their evidence is counted; a dispute read by itself has it.',
    scope: 'dispute:read',
    answers: [{ status: 200, type: DisputePage, description: 'A page of disputes.' }],
  })
  @QueryParameters(disputeParameters)
  @Get()
  async list(@Query() query: QueryString, @Context() { caller }: RequestContext): Promise<HttpAnswer> {
    const { filter, sort, ...paging } = readDisputeListing(query);
    const turn = this.pages.turn(paging, [caller.tenant, 'disputes', filter, sort]);
    return turn.answer(await this.reads.disputes(caller.tenant, filter, sort, turn.page), listedDisputeBody);
  }
}
