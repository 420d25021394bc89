import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DisputeDesk } from '@redress/domain';
import { ThisCall, type Call } from './call';
import { DisputeResponse } from './dto/responses';
import type { HttpAnswer } from './http-answer';
import { disputeAnswer } from './presenters';
import { ApiDisputeId, DisputeId, Route } from './route';

@ApiTags('Dispute')
@Controller('v1/disputes')
export class DisputesController {
  constructor(private readonly desk: DisputeDesk) {}

  @Route({
    id: 'getDispute',
    summary: 'Get a dispute',
    scope: 'dispute:read',
    answers: [
      { status: 200, type: DisputeResponse, description: 'The dispute and its evidence.', etag: true },
    ],
    refusals: ['not_found'],
  })
  @ApiDisputeId()
  @Get(':disputeId')
  async get(@DisputeId() id: string, @ThisCall() call: Call): Promise<HttpAnswer> {
    const found = await this.desk.find(call.caller.tenant, id);
    return found.ok ? disputeAnswer(200)({ state: found.value }) : call.refuse(found.refusal);
  }
}
