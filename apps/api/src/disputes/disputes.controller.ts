import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  DisputeDesk,
  timestamp,
  type DeskStore,
  type DisputeCommand,
  type RefusalCode,
} from '@redress/domain';
import { disputeRefusals } from '@redress/domain/actions';
import { Context, type RequestContext } from '../http/request-context';
import {
  CloseDisputeRequest,
  EvidenceRequest,
  ReopenDisputeRequest,
  RequestEvidenceRequest,
} from './dispute-requests';
import { EmptyRequest } from '../http/empty-request';
import { DisputeDetail, DisputeResponse } from './dispute-responses';
import { ApiAddress } from '../http/api-address';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';
import { disputeAnswer, disputeDetail } from './dispute.presenter';
import { ApiDisputeId, DisputeId, Route } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';
import { STORE } from '../storage/storage.module';

const theDispute = {
  status: 200,
  type: DisputeResponse,
  description: 'The dispute and its evidence.',
  etag: true,
};

const DisputeCommandRoute = (
  id: string,
  summary: string,
  refusals: readonly RefusalCode[],
): MethodDecorator =>
  CommandRoute({
    id,
    summary,
    scope: 'dispute:write',
    answers: [theDispute],
    refusals: ['not_found', ...refusals],
  });

@ApiTags('Dispute')
@Controller('v1/disputes')
export class DisputesController {
  constructor(
    private readonly desk: DisputeDesk,
    private readonly address: ApiAddress,
    @Inject(STORE) private readonly store: DeskStore,
  ) {}

  @Route({
    id: 'getDispute',
    summary: 'Get a dispute',
    scope: 'dispute:read',
    answers: [
      { ...theDispute, type: DisputeDetail, description: 'The dispute, and what can be done with it.' },
    ],
    refusals: ['not_found'],
  })
  @ApiDisputeId()
  @Get(':disputeId')
  async get(@DisputeId() id: string, @Context() context: RequestContext): Promise<HttpAnswer> {
    const { caller } = context;
    const found = await this.desk.find(caller.tenant, id);
    if (!found.ok) return context.refuse(found.refusal);
    const detail = disputeDetail(found.value, caller, timestamp(this.store.clock()), this.address.prefix);
    return HttpAnswer.json(200, detail, { etag: etag(found.value.dispute.version) });
  }

  @DisputeCommandRoute('putForwardDispute', 'Open a draft', disputeRefusals.open)
  @ApiDisputeId()
  @Post(':disputeId/open')
  open(
    @DisputeId() id: string,
    @Body() _body: EmptyRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.handle(id, { type: 'open' }, context);
  }

  @DisputeCommandRoute('requestEvidence', 'Request evidence', disputeRefusals.request_evidence)
  @ApiDisputeId()
  @Post(':disputeId/request-evidence')
  requestEvidence(
    @DisputeId() id: string,
    @Body() body: RequestEvidenceRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.handle(id, { type: 'request_evidence', ...body }, context);
  }

  @DisputeCommandRoute('submitEvidence', 'Submit evidence', disputeRefusals.submit_evidence)
  @ApiDisputeId()
  @Post(':disputeId/evidence')
  submitEvidence(
    @DisputeId() id: string,
    @Body() body: EvidenceRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.handle(id, { type: 'submit_evidence', ...body }, context);
  }

  @DisputeCommandRoute('closeDispute', 'Close a dispute as won or lost', disputeRefusals.win)
  @ApiDisputeId()
  @Post(':disputeId/close')
  close(
    @DisputeId() id: string,
    @Body() { won, resolution }: CloseDisputeRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.handle(id, { type: won ? 'win' : 'lose', resolution }, context);
  }

  @DisputeCommandRoute('reopenDispute', 'Reopen a lost dispute', disputeRefusals.reopen)
  @ApiDisputeId()
  @Post(':disputeId/reopen')
  reopen(
    @DisputeId() id: string,
    @Body() body: ReopenDisputeRequest,
    @Context() context: RequestContext,
  ): Promise<HttpAnswer> {
    return this.handle(id, { type: 'reopen', ...body }, context);
  }

  private handle(id: string, command: DisputeCommand, context: RequestContext): Promise<HttpAnswer> {
    return this.desk.handle(id, command, context.as(disputeAnswer(200)));
  }
}
