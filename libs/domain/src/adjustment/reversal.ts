import { nextVersion, type Context } from '../change';
import { defaultPolicy, type Policy } from '../policy';
import { ok, refuse, type Result } from '../result';
import { dueAt } from '../value/severity';
import { firstFlaw, textFlaw, timeFlaw, type Flaw } from '../value/shape';
import { carriedBack } from '../ledger/carrying';
import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';
import type { ExceptionChange } from '../exception/exception';
import { eventOf } from '../exception/exception.event';
import type { Direction } from '../exception/exception.lifecycle';
import type { Adjustment, ReconException } from '../exception/recon-exception';

/** Why an adjustment is taken back; at once, unless it says from when on. */
export type ReverseAdjustment = Readonly<{ reason: string; effectiveAt?: Timestamp }>;

/** An adjustment, and all that taking it back depends on. */
export type Reversible = Readonly<{
  adjustment: Adjustment;
  /** What it was posted for. */
  exception: ReconException;
  /** The reversal that there is. */
  reversedBy?: string;
  /** A ledger was told of it. */
  carried?: true;
  /** An unresolved exception of the same transaction and reason: there is no room for a second one. */
  unresolved?: ReconException;
}>;

export type Reversal = Readonly<{
  /** The opposite row, which comes with `reversed`. */
  adjustment: Adjustment;
  /** The exception it was posted for: it stays resolved, and its history says what became of that. */
  reversed: ExceptionChange;
  /** The exception that has to be worked on now: a new one, or the unresolved one that there was. */
  reopened: ExceptionChange;
}>;

const opposite: Readonly<Record<Direction, Direction>> = { DEBIT: 'CREDIT', CREDIT: 'DEBIT' };

const flawOf = ({ reason, effectiveAt }: ReverseAdjustment): Flaw =>
  firstFlaw(textFlaw('reason', reason, limits.notes), timeFlaw('effectiveAt', effectiveAt));

/**
 * Takes an adjustment back, once: nothing is changed or deleted, the opposite is posted. What it had resolved is open
 * again as another exception, since a resolved one stays as it is.
 */
export function reverse(
  { adjustment, exception, reversedBy, carried, unresolved }: Reversible,
  command: ReverseAdjustment,
  ctx: Context,
  policy: Policy = defaultPolicy,
): Result<Reversal> {
  const flaw = flawOf(command);
  if (flaw) return refuse(flaw);
  if (adjustment.reverses !== undefined)
    return refuse({ code: 'not_reversible', adjustmentId: adjustment.id, reverses: adjustment.reverses });
  if (reversedBy !== undefined)
    return refuse({ code: 'already_reversed', adjustmentId: adjustment.id, reversedBy });

  const posted = {
    id: ctx.newId(),
    exceptionId: exception.id,
    amount: adjustment.amount,
    direction: opposite[adjustment.direction],
    effectiveAt: command.effectiveAt ?? ctx.now,
    reasonCode: adjustment.reasonCode,
    notes: command.reason,
    createdBy: ctx.actor,
    createdAt: ctx.now,
    reverses: adjustment.id,
  };
  const dispatch = carried && carriedBack(exception, posted, ctx);
  const reopened = unresolved ? linked(unresolved, exception, ctx) : raisedAgain(exception, ctx, policy);
  const state = nextVersion(exception, {}, ctx);
  const data = { adjustment: posted, reopenedAs: reopened.state.id };
  return ok({
    adjustment: posted,
    reversed: {
      basedOn: exception.version,
      state,
      adjustment: posted,
      ...(dispatch && { dispatch }),
      events: [eventOf('reverse', exception, state, ctx, data)],
    },
    reopened,
  });
}

/** The transaction could not be reconciled, after all. What was reported of it holds again; its time begins anew. */
function raisedAgain(resolved: ReconException, ctx: Context, { dueHours }: Policy): ExceptionChange {
  const { transactionId, reason, severity, amount, source, occurredAt, differences, metadata } = resolved;
  const state: ReconException = {
    id: ctx.newId(),
    version: 1,
    status: 'OPEN',
    transactionId,
    reason,
    severity,
    ...(amount && { amount }),
    ...(source !== undefined && { source }),
    ...(occurredAt !== undefined && { occurredAt }),
    dueAt: dueAt(severity, ctx.now, dueHours),
    ...(differences && { differences }),
    ...(metadata && { metadata }),
    reversalOf: resolved.id,
    seenCount: 1,
    lastSeenAt: ctx.now,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
  return { basedOn: 0, state, events: [eventOf('raise', undefined, state, ctx)] };
}

function linked(unresolved: ReconException, resolved: ReconException, ctx: Context): ExceptionChange {
  const state = nextVersion(unresolved, { reversalOf: resolved.id }, ctx);
  const events = [eventOf('link_reversal', unresolved, state, ctx)];
  return { basedOn: unresolved.version, state, events };
}
