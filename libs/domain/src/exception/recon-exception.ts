import type { Proposal } from '../resolution/proposal';
import type { Money } from '../value/money';
import type { Severity } from '../value/severity';
import type { Timestamp } from '../value/timestamp';
import type { ExceptionStatus, Wait } from './exception.lifecycle';
import type { DispatchTarget } from '../value/dispatch-target';

export type Difference = Readonly<{ field: string; expected?: string; actual?: string }>;

export const resolutionTypes = ['FORCE_MATCH', 'ADJUST_ENTRY'] as const;
export type ResolutionType = (typeof resolutionTypes)[number];

/** A transaction that could not be reconciled, and where its resolution stands. */
export type ReconException = Readonly<{
  id: string;
  version: number;
  status: ExceptionStatus;
  transactionId: string;
  reason: string;
  severity: Severity;
  amount?: Money;
  source?: string;
  occurredAt?: Timestamp;
  dueAt: Timestamp;
  differences?: readonly Difference[];
  metadata?: Readonly<Record<string, string>>;
  assignedTo?: string;
  assignedBy?: string;
  /** While PENDING_RESOLUTION; or `approval` while RESOLVED, where a reversal was proposed. */
  pending?: Wait;
  pendingSince?: Timestamp;
  /** When what it waits for was too long in coming. */
  flaggedAt?: Timestamp;
  proposal?: Proposal;
  externalSystem?: DispatchTarget;
  externalIssueId?: string;
  /** When the other side last changed what it told us. */
  externalUpdatedAt?: Timestamp;
  /** Left out by a plain resolve. */
  resolutionType?: ResolutionType;
  resolutionReason?: string;
  resolutionNotes?: string;
  resolvedAt?: Timestamp;
  resolvedBy?: string;
  /** The resolved exception whose adjustment was taken back, which is why this one is unresolved. */
  reversalOf?: string;
  /** How often the matching engine reported it, and when last. */
  seenCount: number;
  lastSeenAt: Timestamp;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}>;
