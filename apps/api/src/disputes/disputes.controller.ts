import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DisputeDesk, type DisputeCommand, type RefusalCode } from '@redress/domain';
import { ThisCall, type Call } from '../http/request-context';
import {
  CloseDisputeRequest,
  EvidenceRequest,
  ReopenDisputeRequest,
  RequestEvidenceRequest,
} from './dispute-requests';
import { EmptyRequest } from '../exceptions/exception-requests';
import { DisputeResponse } from './dispute-responses';
import type { HttpAnswer } from '../http/http-answer';
import { disputeAnswer } from '../exceptions/exception.presenter';
import { ApiDisputeId, DisputeId, Route } from '../http/route';

const theDispute = {
  status: 200,
  type: DisputeResponse,
  description: 'The dispute and its evidence.',
  etag: true,
};

const DisputeCommandRoute = (id: string, summary: string, ...refusals: RefusalCode[]): MethodDecorator =>
  Route({
    id,
    summary,
    scope: 'dispute:write',
    answers: [theDispute],
    refusals: ['not_found', 'not_allowed', ...refusals],
    command: true,
  });

@ApiTags('Dispute')
@Controller('v1/disputes')
export class DisputesController {
  constructor(private readonly desk: DisputeDesk) {}

  @Route({
    id: 'getDispute',
    summary: 'Get a dispute',
    scope: 'dispute:read',
    answers: [theDispute],
    refusals: ['not_found'],
  })
  @ApiDisputeId()
  @Get(':disputeId')
  async get(@DisputeId() id: string, @ThisCall() call: Call): Promise<HttpAnswer> {
    const found = await this.desk.find(call.caller.tenant, id);
    return found.ok ? disputeAnswer(200)({ state: found.value }) : call.refuse(found.refusal);
  }

  @DisputeCommandRoute('putForwardDispute', 'Open a draft')
  @ApiDisputeId()
  @Post(':disputeId/open')
  open(@DisputeId() id: string, @Body() _body: EmptyRequest, @ThisCall() call: Call): Promise<HttpAnswer> {
    return this.give(id, { type: 'open' }, call);
  }

  @DisputeCommandRoute('requestEvidence', 'Request evidence')
  @ApiDisputeId()
  @Post(':disputeId/request-evidence')
  requestEvidence(
    @DisputeId() id: string,
    @Body() body: RequestEvidenceRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.give(id, { type: 'request_evidence', ...body }, call);
  }

  @DisputeCommandRoute('submitEvidence', 'Submit evidence', 'evidence_limit')
  @ApiDisputeId()
  @Post(':disputeId/evidence')
  submitEvidence(
    @DisputeId() id: string,
    @Body() body: EvidenceRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.give(id, { type: 'submit_evidence', ...body }, call);
  }

  @DisputeCommandRoute('closeDispute', 'Close a dispute as won or lost')
  @ApiDisputeId()
  @Post(':disputeId/close')
  close(
    @DisputeId() id: string,
    @Body() { won, resolution }: CloseDisputeRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.give(id, { type: won ? 'win' : 'lose', resolution }, call);
  }

  @DisputeCommandRoute('reopenDispute', 'Reopen a lost dispute', 'dispute_active')
  @ApiDisputeId()
  @Post(':disputeId/reopen')
  reopen(
    @DisputeId() id: string,
    @Body() body: ReopenDisputeRequest,
    @ThisCall() call: Call,
  ): Promise<HttpAnswer> {
    return this.give(id, { type: 'reopen', ...body }, call);
  }

  private give(id: string, command: DisputeCommand, call: Call): Promise<HttpAnswer> {
    return call.give(disputeAnswer(200), (...asked) => this.desk.handle(id, command, ...asked));
  }
}
