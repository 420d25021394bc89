import { severities, type Severity } from '../value/severity';
import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';
import {
  invalid,
  note,
  oneOf,
  optional,
  text,
  time,
  uuid,
  validate,
  validateEach,
  type Checks,
  type Invalid,
} from '../value/validation';
import type { Difference } from './recon-exception';

/** The report of a matching engine or a person. `amount` is a decimal lexeme: exact, never a float; it may be negative. */
export type Raise = Readonly<{
  /** A UUID. With `reason` it identifies an unresolved exception. */
  transactionId: string;
  reason: string;
  severity?: Severity;
  amount?: string;
  currency?: string;
  occurredAt?: Timestamp;
  source?: string;
  dueAt?: Timestamp;
  differences?: readonly Difference[];
  metadata?: Readonly<Record<string, string>>;
}>;

const checks: Partial<Checks<Raise>> = {
  transactionId: uuid,
  reason: text(limits.reason),
  severity: oneOf(severities),
  amount: (_field, amount, { currency }) =>
    (amount === undefined) === (currency === undefined)
      ? undefined
      : invalid(amount === undefined ? 'amount' : 'currency', 'is missing: amount and currency go together'),
  occurredAt: time,
  source: optional(text(limits.source)),
  dueAt: time,
  differences: (field, list = []) =>
    list.length > limits.differences
      ? invalid(field, `must be at most ${limits.differences}`)
      : validateEach(list, differenceChecks, field),
  metadata: (_field, metadata = {}) => validateMetadata(metadata),
};

const value = note(limits.differenceValue);
const differenceChecks: Partial<Checks<Difference>> = {
  field: text(limits.differenceField),
  expected: value,
  actual: value,
};

const metadataKey = text(limits.metadataKey);
const metadataValue = note(limits.metadataValue);

function validateMetadata(metadata: Readonly<Record<string, string>>): Invalid | undefined {
  const entries = Object.entries(metadata);
  if (entries.length > limits.metadataKeys)
    return invalid('metadata', `must have at most ${limits.metadataKeys} keys`);
  for (const [key, value] of entries) {
    const malformed =
      metadataKey('metadata key', key, undefined) ?? metadataValue(`metadata.${key}`, value, undefined);
    if (malformed) return malformed;
  }
  return undefined;
}

/** Why a report is malformed. */
export const validateRaise = (report: Raise): Invalid | undefined => validate(report, checks);
