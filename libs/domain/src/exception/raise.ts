import { nextVersion, type Context } from '../change';
import { ok, refuse, type Result } from '../result';
import { money, type Money } from '../value/money';
import { dueAt, isHigher, severityOf, type Severity } from '../value/severity';
import { limits } from '../value/text';
import { changeTo, type ExceptionChange, type ExceptionEvent } from './exception.change';
import { newException } from './new-exception';
import { defaultPolicy, type Policy } from './policy';
import { agedFrom, type ReconException } from './recon-exception';
import { validateRaise, type Raise } from './report';

/**
 * A new exception. Severity and due date are derived where the report has none.
 *
 * @param previous the id of the exception of the same transaction and reason that was resolved before
 */
export function raise(
  report: Raise,
  ctx: Context,
  policy: Policy = defaultPolicy,
  previous?: string,
): Result<ExceptionChange> {
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
        previous,
      },
      ctx,
    ),
  );
}

/**
 * Records another sighting: the same transaction was reported for the same reason while its exception is unresolved.
 * A higher severity and an amount that no report gave before are changes, each with a version and an event. Severity is
 * never lowered, and the amount stays that of the first report.
 */
export function recordSighting(
  exception: ReconException,
  report: Raise,
  ctx: Context,
  policy: Policy = defaultPolicy,
): Result<ExceptionChange> {
  const read = amountAndSeverity(report, ctx, policy, agedFrom(exception));
  if (!read.ok) return read;
  const { severity, amount } = read.value;
  const { amount: own, otherAmounts = [] } = exception;
  let state: ReconException = { ...exception, seenCount: exception.seenCount + 1, lastSeenAt: ctx.now };
  const events: ExceptionEvent[] = [];
  const record = (
    patch: Partial<ReconException>,
    event: 'escalate' | 'report_otherwise',
    data?: ExceptionEvent['data'],
  ) => {
    const before = events.length ? state : exception;
    state = nextVersion(state, patch, ctx);
    events.push(...changeTo(state, event, before, ctx, data).events);
  };
  if (isHigher(severity, exception.severity)) record({ severity }, 'escalate');
  const isKnown = [own, ...otherAmounts].some(
    (known) => known?.amount === amount?.amount && known?.currency === amount?.currency,
  );
  if (amount && !isKnown && otherAmounts.length < limits.otherAmounts)
    record({ otherAmounts: [...otherAmounts, amount] }, 'report_otherwise', {
      report: { ...report, ...amount },
    });
  return ok({ basedOn: exception.version, state, events });
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
