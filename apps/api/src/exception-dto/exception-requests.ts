import {
  directions,
  dispatchTargets,
  limits,
  type Counterpart,
  type Difference,
  type Direction,
  type DispatchTarget,
  type Severity,
  severities,
} from '@redress/domain';
import { differencesOf, validateDifferences, validateMetadata } from '@redress/formats';
import { Counterparts } from './counterparts';
import { Amount, CheckedAs, Currency, Flag, OneOf, Text, Time, Uuid } from '../http/fields';

export class RaiseRequest {
  @Uuid({ description: 'The transaction that could not be reconciled.' })
  transactionId!: string;

  @Text(limits.reason, { example: 'Amount mismatch detected' })
  reason!: string;

  @OneOf(severities, {
    optional: true,
    example: 'HIGH',
    description: 'Worked out from amount and age when absent.',
  })
  severity?: Severity;

  @Amount({ optional: true, description: 'Exact; needs `currency`.' })
  amount?: string;

  @Currency({ optional: true })
  currency?: string;

  @Time({ optional: true, description: 'When the transaction happened.' })
  occurredAt?: string;

  @Text(limits.source, { optional: true, example: 'bank:atlantico' })
  source?: string;

  @Time({ optional: true, description: 'Worked out from the severity when absent.' })
  dueAt?: string;

  @CheckedAs(
    'differences',
    validateDifferences,
    {
      type: 'array',
      maxItems: limits.differences,
      items: { $ref: '#/components/schemas/Difference' },
      example: [{ field: 'amount', expected: '100.00', actual: '98.50' }],
    },
    differencesOf,
  )
  differences?: Difference[];

  @CheckedAs('metadata', validateMetadata, {
    type: 'object',
    additionalProperties: { type: 'string', maxLength: limits.metadataValue },
    maxProperties: limits.metadataKeys,
    example: { batch: '2025-01-14', merchant: 'M-1042' },
  })
  metadata?: Record<string, string>;
}

export class AssignRequest {
  @Text(limits.assignee, { example: 'user@example.com' })
  assignee!: string;

  @Time({
    optional: true,
    description: 'Without it the due date stays as it is.',
    example: '2025-01-20T10:30:00.000Z',
  })
  dueAt?: string;
}

export class ForceMatchRequest {
  @Text(limits.overrideReason, { example: 'BUSINESS_DECISION' })
  overrideReason!: string;

  @Text(limits.notes, { example: 'Approved by finance team after manual review' })
  notes!: string;

  @Counterparts()
  counterparts?: Counterpart[];

  @Flag({
    optional: true,
    example: true,
    description: 'Also where the counterparts leave more than is tolerated; needs them.',
  })
  acceptResidual?: boolean;
}

export class AdjustEntryRequest {
  @Amount({ description: 'Greater than zero, with no more fraction digits than the currency has.' })
  amount!: string;

  @Currency()
  currency!: string;

  @OneOf(directions, { optional: true, description: 'DEBIT when absent.' })
  direction?: Direction;

  @Time({ description: 'When the adjustment takes effect.' })
  effectiveAt!: string;

  @Text(limits.reasonCode, { example: 'FEE_ADJUSTMENT' })
  reasonCode!: string;

  @Text(limits.notes, { example: 'Correcting processing fee discrepancy' })
  notes!: string;
}

export class ResolveRequest {
  @Text(limits.resolution, { example: 'ACCEPTED' })
  resolution!: string;

  @Text(limits.resolutionReason, { optional: true, example: 'Variance within tolerance' })
  reason?: string;
}

export class DispatchRequest {
  @OneOf(dispatchTargets, { example: 'JIRA' })
  targetSystem!: DispatchTarget;

  @Text(limits.queue, { optional: true, example: 'RECON-TEAM' })
  queue?: string;
}
