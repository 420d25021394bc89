import { nextVersion, type Context } from '../change';
import { defaultPolicy, type Policy } from './policy';
import { ok, refuse, type Result } from '../result';
import { money, type Money } from '../value/money';
import { dueAt as dueAtOf, isHigher, severities, severityOf, type Severity } from '../value/severity';
import {
  firstFlaw,
  invalid,
  noteFlaw,
  oneOfFlaw,
  optionalTextFlaw,
  textFlaw,
  timeFlaw,
  uuidFlaw,
  type Flaw,
} from '../value/validation';
import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';
import type { ExceptionChange } from './exception';
import { eventOf } from './exception.event';
import type { Difference, ReconException } from './recon-exception';

/** What a matching engine or a person reports. `amount` is a decimal lexeme: exact, never a float; it may be negative. */
export type Raise = Readonly<{
  /** A UUID; with `reason` it tells exceptions apart as long as they are unresolved. */
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

/** What is malformed about a report. */
export const raiseFlaw = (report: Raise): Flaw =>
  firstFlaw(
    uuidFlaw('transactionId', report.transactionId),
    textFlaw('reason', report.reason, limits.reason),
    oneOfFlaw('severity', report.severity, severities),
    (report.amount === undefined) !== (report.currency === undefined)
      ? invalid(
          report.amount === undefined ? 'amount' : 'currency',
          'is missing: amount and currency go together',
        )
      : undefined,
    timeFlaw('occurredAt', report.occurredAt),
    optionalTextFlaw('source', report.source, limits.source),
    timeFlaw('dueAt', report.dueAt),
    differencesFlaw(report.differences ?? []),
    metadataFlaw(report.metadata ?? {}),
  );

const differencesFlaw = (differences: readonly Difference[]): Flaw =>
  differences.length > limits.differences
    ? invalid('differences', `must be at most ${limits.differences}`)
    : firstFlaw(
        ...differences.flatMap(({ field, expected = '', actual = '' }, i) => [
          textFlaw(`differences[${i}].field`, field, limits.differenceField),
          noteFlaw(`differences[${i}].expected`, expected, limits.differenceValue),
          noteFlaw(`differences[${i}].actual`, actual, limits.differenceValue),
        ]),
      );

function metadataFlaw(metadata: Readonly<Record<string, string>>): Flaw {
  const keys = Object.keys(metadata);
  if (keys.length > limits.metadataKeys)
    return invalid('metadata', `must have at most ${limits.metadataKeys} keys`);
  for (const key of keys) {
    const flaw =
      textFlaw('metadata key', key, limits.metadataKey) ??
      noteFlaw(`metadata.${key}`, metadata[key] ?? '', limits.metadataValue);
    if (flaw) return flaw;
  }
  return undefined;
}

/** A new exception. Severity and due date are worked out where the report leaves them open. */
export function raise(report: Raise, ctx: Context, policy: Policy = defaultPolicy): Result<ExceptionChange> {
  const sized = sizeUp(report, ctx, policy);
  if (!sized.ok) return sized;
  const { amount, severity } = sized.value;
  const { transactionId, reason, occurredAt, source, differences, metadata } = report;
  const state: ReconException = {
    id: ctx.newId(),
    version: 1,
    status: 'OPEN',
    transactionId: transactionId.toLowerCase(),
    reason,
    severity,
    ...(amount && { amount }),
    ...(source !== undefined && { source }),
    ...(occurredAt !== undefined && { occurredAt }),
    dueAt: report.dueAt ?? dueAtOf(severity, ctx.now, policy.dueHours),
    ...(differences?.length && { differences }),
    ...(metadata && Object.keys(metadata).length && { metadata }),
    seenCount: 1,
    lastSeenAt: ctx.now,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
  return ok({ basedOn: 0, state, events: [eventOf('raise', undefined, state, ctx)] });
}

/**
 * The same transaction was reported for the same reason while its exception is still unresolved: it counts as seen
 * again. Only a higher severity is a change, with a version and a line in the history; severity is never lowered.
 */
export function seeAgain(
  exception: ReconException,
  report: Raise,
  ctx: Context,
  policy: Policy = defaultPolicy,
): Result<ExceptionChange> {
  const sized = sizeUp(report, ctx, policy);
  if (!sized.ok) return sized;
  const { severity } = sized.value;
  const seen = { ...exception, seenCount: exception.seenCount + 1, lastSeenAt: ctx.now };
  if (!isHigher(severity, exception.severity))
    return ok({ basedOn: exception.version, state: seen, events: [] });
  const state = nextVersion(seen, { severity }, ctx);
  return ok({ basedOn: exception.version, state, events: [eventOf('escalate', exception, state, ctx)] });
}

/** Exact amount and severity of a report, or why it cannot be accepted. */
function sizeUp(report: Raise, ctx: Context, policy: Policy): Result<{ amount?: Money; severity: Severity }> {
  const flaw = raiseFlaw(report);
  if (flaw) return refuse(flaw);
  const parsed = report.amount === undefined ? undefined : money(report.amount, report.currency ?? '');
  if (parsed && !parsed.ok) return parsed;
  const amount = parsed?.value;
  const { occurredAt } = report;
  const severity = report.severity ?? severityOf({ amount, occurredAt, now: ctx.now }, policy.severityRules);
  return ok(amount ? { amount, severity } : { severity });
}
