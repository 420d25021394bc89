import { waits } from '../exception/exception.lifecycle';
import type { ReconException } from '../exception/recon-exception';

/** Filters that are unset do not restrict. Lists of values mean any of them; times are RFC 3339 text. */
export type ExceptionFilter = Readonly<{
  status?: readonly string[];
  severity?: readonly string[];
  assignedTo?: readonly string[];
  pending?: readonly string[];
  /** Waiting since before that moment. */
  pendingBefore?: string;
  /** It has waited too long, or for a dispatch that was given up. */
  flagged?: boolean;
  /** A reversal of its adjustment, or one that opened it, is booked here and not in the ledger. */
  ledgerMismatch?: boolean;
  externalSystem?: readonly string[];
  reason?: readonly string[];
  source?: readonly string[];
  currency?: readonly string[];
  transactionId?: readonly string[];
  unassigned?: boolean;
  /** Unresolved and past its due date. */
  overdue?: boolean;
  createdFrom?: string;
  createdBefore?: string;
  dueFrom?: string;
  dueBefore?: string;
  amountMin?: string;
  amountMax?: string;
  /** Each of them occurs in the reason or the resolution's reason or notes, in any letter case. */
  words?: readonly string[];
}>;

/** A field of an exception, or the currency of its amount. */
export type FilterField = keyof ReconException | 'currency';

/** A condition that every adapter of lists evaluates: of one field, where it does not say otherwise. */
export type ExceptionCondition = Readonly<
  | { field: FilterField; anyOf: readonly string[] }
  | { field: FilterField; isSet: boolean }
  /** Times: `from` inclusive, `before` exclusive. */
  | { field: FilterField; from: string }
  | { field: FilterField; before: string }
  /** Amounts, both ends inclusive. */
  | { field: 'amount'; min: string }
  | { field: 'amount'; max: string }
  | { overdue: boolean }
  /** Occurs in one of the fields, in any letter case. */
  | { word: string; fields: readonly FilterField[] }
>;

const texts = ['reason', 'resolutionReason', 'resolutionNotes'] as const;

type Conditions = {
  readonly [Name in keyof ExceptionFilter]-?: (
    value: NonNullable<ExceptionFilter[Name]>,
    filter: ExceptionFilter,
    now: Date,
  ) => readonly ExceptionCondition[];
};

/** filter → its conditions, all of which have to hold. A filter that is missing here does not compile. */
const conditions: Conditions = {
  status: (anyOf) => [{ field: 'status', anyOf }],
  severity: (anyOf) => [{ field: 'severity', anyOf }],
  assignedTo: (anyOf) => [{ field: 'assignedTo', anyOf }],
  pending: (anyOf) => [{ field: 'pending', anyOf }],
  // What has waited for so long is looked for among what waits, which is indexed by what it waits for.
  pendingBefore: (before, { pending }) => [
    ...(pending ? [] : [{ field: 'pending', anyOf: waits } as const]),
    { field: 'pendingSince', before },
  ],
  flagged: (isSet) => [{ field: 'flaggedAt', isSet }],
  ledgerMismatch: (isSet) => [{ field: 'ledgerMismatches', isSet }],
  externalSystem: (anyOf) => [{ field: 'externalSystem', anyOf }],
  reason: (anyOf) => [{ field: 'reason', anyOf }],
  source: (anyOf) => [{ field: 'source', anyOf }],
  currency: (anyOf) => [{ field: 'currency', anyOf }],
  transactionId: (anyOf) => [{ field: 'transactionId', anyOf }],
  unassigned: (unset) => [{ field: 'assignedTo', isSet: !unset }],
  overdue: (overdue) => [{ overdue }],
  createdFrom: (from) => [{ field: 'createdAt', from }],
  createdBefore: (before) => [{ field: 'createdAt', before }],
  dueFrom: (from) => [{ field: 'dueAt', from }],
  dueBefore: (before) => [{ field: 'dueAt', before }],
  amountMin: (min) => [{ field: 'amount', min }],
  amountMax: (max) => [{ field: 'amount', max }],
  words: (words) => words.map((word) => ({ word, fields: texts })),
};

/** Everything that has to hold of an exception that a filter chooses, in the order of the table. */
export const conditionsOf = (filter: ExceptionFilter, now: Date): readonly ExceptionCondition[] =>
  (Object.keys(conditions) as (keyof ExceptionFilter)[]).flatMap((name) => {
    const value = filter[name];
    // The table is keyed by the filter, so its conditions are those of this value.
    const of = conditions[name] as (
      value: unknown,
      filter: ExceptionFilter,
      now: Date,
    ) => readonly ExceptionCondition[];
    return value === undefined ? [] : of(value, filter, now);
  });
