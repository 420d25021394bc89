import { ApiProperty } from '@nestjs/swagger';
import { AllowedRoutes, type AllowedAction } from '../http/allowed-routes';
import { exceptionActions } from './exception-commands';
import {
  exceptionLifecycle,
  dispatchTargets,
  proposedCommands,
  resolutionTypes,
  severities,
  statuses,
  waits,
} from '@redress/domain';
import { id, user, people, text, always, choice, count, when, Page, time } from '../http/response-fields';

export class Difference {
  @always('amount', { maxLength: 255 }) field!: string;
  @text('100.00', { maxLength: 1000 }) expected?: string;
  @text('98.50', { maxLength: 1000 }) actual?: string;
}

export class Approval {
  @always(user) by!: string;
  @when() at!: string;
}

/** Of a resolution that took approval: who wanted it, and who agreed. */
export class ApprovedProposal {
  @always('user@example.com') proposedBy!: string;
  @when() proposedAt!: string;
  @ApiProperty({ type: [Approval], description: 'Oldest first.' }) approvals!: Approval[];
  @count(3, 'Version of the policy that asked for approval.', false) policyVersion?: number;
}

export class Residual {
  @always('0.02', {
    description:
      'The amount of the exception minus those of its counterparts, exact; negative when they are more.',
  })
  amount!: string;
  @always('BRL') currency!: string;
  @always('0.05', { description: 'What may be left without accepting it, either way.' }) tolerance!: string;
}

export class ProposalResponse {
  @choice(proposedCommands, 'adjust_entry', true) command!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: {},
    description: 'What the command says; of `reverse`, of the adjustment that it takes back.',
    example: { overrideReason: 'BUSINESS_DECISION', notes: 'Approved by finance team after manual review' },
  })
  details!: Record<string, unknown>;
  @always(user) proposedBy!: string;
  @when() proposedAt!: string;
  @count(2, 'How many have to approve it, by the policy at that time.') approvalsNeeded!: number;
  @ApiProperty({ type: [Approval], description: 'Those given so far.' }) approvals!: Approval[];
  @ApiProperty({
    type: [Residual],
    required: false,
    description: 'What the counterparts that it names leave, by the tolerance at that time.',
  })
  residuals?: Residual[];
  @text(user, { description: 'Who assigned the exception, where they may not approve.' })
  assignedBy?: string;
  @people('Who assigned it before, likewise.') formerAssigners?: string[];
  @count(3, 'Version of that policy.', false)
  policyVersion?: number;
  @text(id, {
    description: 'What the ledger was asked to book: the id of its dispatch, and of the adjustment to be.',
  })
  postingId?: string;
  @ApiProperty({
    type: String,
    required: false,
    enum: [...dispatchTargets],
    example: 'JIRA',
    description: 'The external system that reported it as resolved, which is what was proposed.',
  })
  reportedBy?: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    required: false,
    example: time,
    description: 'From then on it can not be approved.',
  })
  expiresAt?: string;
}

export class OtherAmount {
  @always('1520.00') amount!: string;
  @always('BRL') currency!: string;
}

export class ExceptionResponse {
  @always(id) id!: string;
  @count(3, 'Grows with every change; also the ETag.') version!: number;
  @choice(statuses(exceptionLifecycle), 'OPEN', true) status!: string;
  @always('019c96a0-10ce-75fc-a273-dc799079a99c') transactionId!: string;
  @always('Amount mismatch detected') reason!: string;
  @choice(severities, 'HIGH', true) severity!: string;
  @text('1500.50', { description: 'Exact decimal with all fraction digits of the currency.' })
  amount?: string;
  @text('BRL') currency?: string;
  @text('bank:atlantico') source?: string;
  @when(false) occurredAt?: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2025-01-20T10:30:00.000Z' }) dueAt!: string;
  @ApiProperty({ type: [Difference], required: false }) differences?: Difference[];
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, selfRequired: false })
  metadata?: Record<string, string>;
  @text(user) assignedTo?: string;
  @text(user) assignedBy?: string;
  @people('Who assigned it before, each once.') formerAssigners?: string[];
  @choice(waits, 'external') pending?: string;
  @when(false) pendingSince?: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    required: false,
    example: time,
    description: 'Since when it has waited too long.',
  })
  flaggedAt?: string;
  @ApiProperty({ type: ProposalResponse, required: false }) proposal?: ProposalResponse;
  @choice(dispatchTargets, 'JIRA') externalSystem?: string;
  @text('RECON-1234') externalIssueId?: string;
  @choice(resolutionTypes, 'FORCE_MATCH') resolutionType?: string;
  @text('BUSINESS_DECISION') resolutionReason?: string;
  @text('Resolved via force match') resolutionNotes?: string;
  @when(false) resolvedAt?: string;
  @text(user) resolvedBy?: string;
  @text(id, {
    description: 'The resolved exception whose adjustment was reversed, which is why this one is open.',
  })
  reversalOf?: string;
  @text(id, {
    description:
      'The exception of the same transaction and reason that was resolved before this one was raised.',
  })
  previous?: string;
  @ApiProperty({
    type: [OtherAmount],
    required: false,
    description: 'Amounts that later reports gave instead, each once, oldest first; the first 100.',
  })
  otherAmounts?: OtherAmount[];
  @ApiProperty({
    type: [String],
    required: false,
    example: [id],
    description:
      'Reversals that are booked here and not in the ledger, which refused or never confirmed them: the dispatches to ' +
      'redrive or to answer for. The two books differ until then.',
  })
  ledgerMismatches?: string[];
  @count(1, 'How often it was reported.') seenCount!: number;
  @when() lastSeenAt!: string;
  @when() createdAt!: string;
  @when() updatedAt!: string;
}

export class ExceptionDetail extends ExceptionResponse {
  @AllowedRoutes(Object.values(exceptionActions).map(({ path }) => path))
  allowedActions!: Record<string, AllowedAction>;
}

export class ExceptionPage extends Page {
  @ApiProperty({ type: [ExceptionResponse] }) items!: ExceptionResponse[];
}

export class HistoryEntry {
  @count(1, 'Counts the lines of one exception without a gap, from 1.') seq!: number;
  @always(id) id!: string;
  @always('exception.force_matched') type!: string;
  @always(id) exceptionId!: string;
  @text(id) disputeId?: string;
  @count(2, 'Version of the exception, or of the dispute named, after the change.') version!: number;
  @always(user) actor!: string;
  @when() at!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'object', properties: { from: {}, to: {} } },
    example: { status: { from: 'OPEN', to: 'RESOLVED' } },
  })
  changes!: Record<string, { from?: unknown; to?: unknown }>;
  @ApiProperty({ type: 'object', additionalProperties: {}, selfRequired: false }) data?: Record<
    string,
    unknown
  >;
  @always('exception.force_matched', { description: 'The same as `type`; not hashed.' }) action!: string;
  @always(user, { description: 'The same as `actor`; not hashed.' }) actorId!: string;
  @when() createdAt!: string;
  @always('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', {
    description: 'Hash of the line before, hexadecimal.',
  })
  prevHash!: string;
  @always('60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752') hash!: string;
}

export class HistoryHead {
  @count(3, 'How many lines the history has.') seq!: number;
  @always('60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752', {
    description: 'Hash of the last one, hexadecimal.',
  })
  hash!: string;
}

export class HistoryPage extends Page {
  @ApiProperty({ type: [HistoryEntry] }) items!: HistoryEntry[];
  @ApiProperty({ type: HistoryHead, description: 'The head of the chain, kept beside the exception.' })
  head!: HistoryHead;
}

export class DispatchResponse {
  @always(id) exceptionId!: string;
  @choice(dispatchTargets, 'JIRA', true) target!: string;
  @text('RECON-1234') externalReference?: string;
  @ApiProperty({ type: Boolean, example: true }) acknowledged!: boolean;
  @when() dispatchedAt!: string;
}

export class AcceptedResponse {
  @choice(['accepted'], 'accepted', true) status!: string;
}

export class AdjustmentWarning {
  @always('adjustment_does_not_fit') code!: string;
  @always('999.00 USD does not fit an exception of 686.00 BRL; adjust at most 100% of that, in BRL.')
  message!: string;
}

export class AdjustedResponse extends ExceptionResponse {
  @ApiProperty({
    type: [AdjustmentWarning],
    required: false,
    description: 'What does not fit its exception, also in a preview; absent where everything does.',
  })
  warnings?: AdjustmentWarning[];
}
