import { isAtLeast, type Money } from './money';
import { hoursBetween, plusHours, type Timestamp } from './timestamp';

/** From the lowest to the highest. */
export const severities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;

/** The severity of an exception. */
export type Severity = (typeof severities)[number];

export const isHigher = (a: Severity, b: Severity): boolean => severities.indexOf(a) > severities.indexOf(b);

/** Applies from an amount (whole major units of any currency, sign aside) or from an age in hours: either is enough. */
export type SeverityRule = Readonly<{ severity: Severity; amountFrom: number; ageHoursFrom: number }>;

/** The first rule that applies decides; where none does, the severity is LOW. */
export const defaultSeverityRules: readonly SeverityRule[] = [
  { severity: 'CRITICAL', amountFrom: 100_000, ageHoursFrom: 120 },
  { severity: 'HIGH', amountFrom: 10_000, ageHoursFrom: 72 },
  { severity: 'MEDIUM', amountFrom: 1_000, ageHoursFrom: 24 },
];

/** Hours from raising an exception to its due date. */
export const defaultDueHours: Readonly<Record<Severity, number>> = {
  CRITICAL: 24,
  HIGH: 72,
  MEDIUM: 120,
  LOW: 168,
};

/** The facts that decide on a severity; a missing fact fits no rule. */
export type SeverityFacts = Readonly<{
  amount?: Money | undefined;
  occurredAt?: Timestamp | undefined;
  now: Timestamp;
}>;

export const severityOf = (
  { amount, occurredAt, now }: SeverityFacts,
  rules: readonly SeverityRule[] = defaultSeverityRules,
): Severity =>
  rules.find(
    (rule) =>
      (amount !== undefined && isAtLeast(amount, rule.amountFrom)) ||
      (occurredAt !== undefined && hoursBetween(occurredAt, now) >= rule.ageHoursFrom),
  )?.severity ?? 'LOW';

/** When an exception of this severity, raised at that moment, is due. */
export const dueAt = (
  severity: Severity,
  raisedAt: Timestamp,
  hours: Readonly<Record<Severity, number>> = defaultDueHours,
): Timestamp => plusHours(raisedAt, hours[severity]);
