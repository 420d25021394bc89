import type { ApprovedProposal } from '../resolution/approval';
import { nextVersion, type Context } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import type { ExceptionChange } from './exception.change';
import { eventOf } from './exception.event';
import type { Direction } from '../resolution/commands';
import type { ReconException } from './recon-exception';
import { postReversal } from '../dispatch/post-resolution';
import type { Policy } from './policy';
import { dueAt } from '../value/severity';
import type { Timestamp } from '../value/timestamp';
import type { Adjustment } from '../resolution/adjustment';

/** What a reversal writes: the opposite row, what a ledger is told of it, and the exception to work on now. */
export type ReversalRows = Readonly<{
  adjustment: Adjustment;
  dispatch?: Dispatch;
  reopened: ExceptionChange;
}>;

type Taken = Readonly<{
  adjustment: Adjustment;
  exception: ReconException;
  carried?: true;
  unresolved?: ReconException;
}>;

const opposite: Readonly<Record<Direction, Direction>> = { DEBIT: 'CREDIT', CREDIT: 'DEBIT' };

export function reversalRows(
  { adjustment, exception, carried, unresolved }: Taken,
  { reason, effectiveAt }: Readonly<{ reason: string; effectiveAt?: Timestamp }>,
  { by, approval }: Readonly<{ by: string; approval?: ApprovedProposal }>,
  ctx: Context,
  policy: Policy,
): ReversalRows {
  const posted = {
    id: ctx.newId(),
    exceptionId: exception.id,
    amount: adjustment.amount,
    direction: opposite[adjustment.direction],
    effectiveAt: effectiveAt ?? ctx.now,
    reasonCode: adjustment.reasonCode,
    notes: reason,
    createdBy: by,
    createdAt: ctx.now,
    ...(approval && { approval }),
    reverses: adjustment.id,
  };
  return {
    adjustment: posted,
    ...(carried && { dispatch: postReversal(exception, posted, ctx) }),
    reopened: unresolved ? linked(unresolved, exception, ctx) : raisedAgain(exception, ctx, policy),
  };
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
