import { nextVersion, type Context } from '../change';
import { ok, refuse, type Result } from '../result';
import { money, type Money } from '../value/money';
import { dueAt, isHigher, severityOf, type Severity } from '../value/severity';
import { changeTo, type ExceptionChange } from './exception.change';
import { newException } from './new-exception';
import { defaultPolicy, type Policy } from './policy';
import { agedFrom, type ReconException } from './recon-exception';
import { validateRaise, type Raise } from './report';

/** A new exception. Severity and due date are derived where the report has none. */
export function raise(report: Raise, ctx: Context, policy: Policy = defaultPolicy): Result<ExceptionChange> {
  const read = amountAndSeverity(report, ctx, policy);
  if (!read.ok) return read;
  const { amount, severity } = read.value;
  // Named one by one: a spread of a report as parsed costs more than the rest of the decision.
  const { transactionId, reason, source, occurredAt, differences, metadata } = report;
  return ok(
    newException(
      {
        transactionId: transactionId.toLowerCase(),
        reason,
        severity,
        amount,
        source,
        occurredAt,
        dueAt: report.dueAt ?? dueAt(severity, ctx.now, policy.dueHours),
        differences: differences?.length ? differences : undefined,
        metadata: metadata && Object.keys(metadata).length ? metadata : undefined,
      },
      ctx,
    ),
  );
}

/**
 * Records another sighting: the same transaction was reported for the same reason while its exception is unresolved.
 * Only a higher severity is a change, with a version and an event; severity is never lowered.
 */
export function recordSighting(
  exception: ReconException,
  report: Raise,
  ctx: Context,
  policy: Policy = defaultPolicy,
): Result<ExceptionChange> {
  const read = amountAndSeverity(report, ctx, policy, agedFrom(exception));
  if (!read.ok) return read;
  const { severity } = read.value;
  const seen = { ...exception, seenCount: exception.seenCount + 1, lastSeenAt: ctx.now };
  if (!isHigher(severity, exception.severity))
    return ok({ basedOn: exception.version, state: seen, events: [] });
  return ok(changeTo(nextVersion(seen, { severity }, ctx), 'escalate', exception, ctx));
}

/** The exact amount and the severity of a report, or its refusal. Age counts from `occurredAt`, else from `knownSince`. */
function amountAndSeverity(
  report: Raise,
  { now }: Context,
  { severityRules }: Policy,
  knownSince = now,
): Result<Readonly<{ amount?: Money; severity: Severity }>> {
  const malformed = validateRaise(report);
  if (malformed) return refuse(malformed);
  const { amount: lexeme, currency = '', occurredAt } = report;
  const read = lexeme === undefined ? undefined : money(lexeme, currency);
  if (read && !read.ok) return read;
  const amount = read?.value;
  const severity =
    report.severity ?? severityOf({ amount, occurredAt: occurredAt ?? knownSince, now }, severityRules);
  return ok(amount ? { amount, severity } : { severity });
}
