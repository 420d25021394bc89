import type { Proposal } from '../resolution/proposal';
import type { Money } from '../value/money';
import type { Severity } from '../value/severity';
import type { Timestamp } from '../value/timestamp';
import type { ExceptionStatus, Wait } from './exception.lifecycle';
import type { DispatchTarget } from '../value/dispatch-target';

/** One field in which two records differ, with both values as text. */
export type Difference = Readonly<{ field: string; expected?: string; actual?: string }>;

/** The resolutions that change the books. */
export const resolutionTypes = ['FORCE_MATCH', 'ADJUST_ENTRY'] as const;
/** How the books were changed to resolve an exception. */
export type ResolutionType = (typeof resolutionTypes)[number];

/** A transaction that could not be reconciled, with the state of its resolution. */
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
  /** The people who assigned it before, each once: reassigning it does not let them approve. */
  formerAssigners?: readonly string[];
  /** Set while PENDING_RESOLUTION; also `approval` while RESOLVED, where a reversal is proposed. */
  pending?: Wait;
  pendingSince?: Timestamp;
  /** When the wait was flagged as too long. */
  flaggedAt?: Timestamp;
  proposal?: Proposal;
  externalSystem?: DispatchTarget;
  externalIssueId?: string;
  /** The time of the last applied change in the external system. */
  externalUpdatedAt?: Timestamp;
  /** Unset after a plain resolve. */
  resolutionType?: ResolutionType;
  resolutionReason?: string;
  resolutionNotes?: string;
  resolvedAt?: Timestamp;
  resolvedBy?: string;
  /** The resolved exception whose adjustment was reversed, which opened this one. */
  reversalOf?: string;
  /** The exception of the same transaction and reason that was resolved before this one was raised. */
  previous?: string;
  /** Amounts that later reports gave instead of `amount`, each once, oldest first. */
  otherAmounts?: readonly Money[];
  /**
   * Reversals that are booked here and not in the ledger, which refused or never confirmed them: the ids of their postings.
   * The two books differ until each is redriven, or answered for.
   */
  ledgerMismatches?: readonly string[];
  /** The number of reports, and the time of the last one. */
  seenCount: number;
  lastSeenAt: Timestamp;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}>;

/**
 * The moment that the age of an exception counts from, for severity and for counts by age: when the transaction happened,
 * where that is known, else when the exception was raised.
 */
export const agedFrom = ({
  occurredAt,
  createdAt,
}: Pick<ReconException, 'occurredAt' | 'createdAt'>): Timestamp => occurredAt ?? createdAt;

/** The kind of a value, as stores keep it; with `?` it may be unset. `json`: lists and records. */
export type FieldKind = 'uuid' | 'text' | 'count' | 'time' | 'money' | 'json';

/** field → its kind, for stores: the columns of an exception follow from it. */
export const exceptionFields = {
  id: 'uuid',
  version: 'count',
  status: 'text',
  transactionId: 'uuid',
  reason: 'text',
  severity: 'text',
  amount: 'money?',
  source: 'text?',
  occurredAt: 'time?',
  dueAt: 'time',
  differences: 'json?',
  metadata: 'json?',
  assignedTo: 'text?',
  assignedBy: 'text?',
  formerAssigners: 'json?',
  pending: 'text?',
  pendingSince: 'time?',
  flaggedAt: 'time?',
  proposal: 'json?',
  externalSystem: 'text?',
  externalIssueId: 'text?',
  externalUpdatedAt: 'time?',
  resolutionType: 'text?',
  resolutionReason: 'text?',
  resolutionNotes: 'text?',
  resolvedAt: 'time?',
  resolvedBy: 'text?',
  reversalOf: 'uuid?',
  previous: 'uuid?',
  otherAmounts: 'json?',
  ledgerMismatches: 'json?',
  seenCount: 'count',
  lastSeenAt: 'time',
  createdAt: 'time',
  updatedAt: 'time',
} as const satisfies {
  readonly [Name in keyof ReconException]-?: undefined extends ReconException[Name]
    ? `${FieldKind}?`
    : FieldKind;
};
