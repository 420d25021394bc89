import { ApiProperty, OmitType } from '@nestjs/swagger';
import { AllowedRoutes, type AllowedAction } from '../http/allowed-routes';
import { disputeActions } from './dispute-actions';
import { disputeCategories, disputeLifecycle, statuses } from '@redress/domain';
import { always, choice, count, id, Page, text, user, when } from '../http/response-fields';

export class EvidenceResponse {
  @always('019c96a0-0c0d-7915-84b9-e497bfee9916') id!: string;
  @always('019c96a0-10d2-7193-8841-0d7347efd09a') disputeId!: string;
  @always('Bank statement attached') comment!: string;
  @text('https://storage.example.com/evidence/doc123.pdf') fileUrl?: string;
  @always(user) submittedBy!: string;
  @when() submittedAt!: string;
}

export class DisputeResponse {
  @always('019c96a0-10d2-7193-8841-0d7347efd09a') id!: string;
  @always(id) exceptionId!: string;
  @count(1, 'Grows with every change; also the ETag.') version!: number;
  @choice(statuses(disputeLifecycle), 'OPEN', true) state!: string;
  @choice(disputeCategories, 'BANK_FEE_ERROR', true) category!: string;
  @always('Transaction amount differs from expected') description!: string;
  @always(user) openedBy!: string;
  @ApiProperty({ type: [EvidenceResponse] }) evidence!: EvidenceResponse[];
  @text('Counterparty confirmed error') resolution?: string;
  @text('New evidence discovered') reopenReason?: string;
  @when() createdAt!: string;
  @when() updatedAt!: string;
}

export class DisputeDetail extends DisputeResponse {
  @AllowedRoutes(Object.values(disputeActions).map(({ path }) => path))
  allowedActions!: Record<string, AllowedAction>;
}

export class ListedDispute extends OmitType(DisputeResponse, ['evidence']) {
  @count(2, 'How much evidence there is.') evidenceCount!: number;
}

export class DisputePage extends Page {
  @ApiProperty({ type: [ListedDispute] }) items!: ListedDispute[];
}
