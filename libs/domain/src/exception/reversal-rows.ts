import { nextVersion, type Context } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import { postReversal } from '../dispatch/post-resolution';
import type { Adjustment } from '../resolution/adjustment';
import type { ApprovedProposal } from '../resolution/approval';
import type { Direction } from '../resolution/commands';
import { dueAt } from '../value/severity';
import type { Timestamp } from '../value/timestamp';
import { changeTo, type ExceptionChange } from './exception.change';
import { newException } from './new-exception';
import type { Policy } from './policy';
import type { ReconException } from './recon-exception';

/** The rows of a reversal: the opposite adjustment, its posting to a ledger, and the exception to work on now. */
export type ReversalRows = Readonly<{
  adjustment: Adjustment;
  dispatch?: Dispatch;
  reopened: ExceptionChange;
}>;

type Reversed = Readonly<{
  adjustment: Adjustment;
  exception: ReconException;
  carried?: true | undefined;
  unresolved?: ReconException | undefined;
}>;

const opposite: Readonly<Record<Direction, Direction>> = { DEBIT: 'CREDIT', CREDIT: 'DEBIT' };

export function reversalRows(
  { adjustment, exception, carried, unresolved }: Reversed,
  { reason, effectiveAt }: Readonly<{ reason: string; effectiveAt?: Timestamp | undefined }>,
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
  const opened = unresolved ? linked(unresolved, exception, ctx) : reopened(exception, ctx, policy);
  return {
    adjustment: posted,
    ...(carried && { dispatch: postReversal(exception, posted, opened.state.id, ctx) }),
    reopened: opened,
  };
}

/** A new exception with the facts of the resolved one; its time to the due date begins anew. */
const reopened = (resolved: ReconException, ctx: Context, { dueHours }: Policy): ExceptionChange =>
  newException(
    { ...resolved, dueAt: dueAt(resolved.severity, ctx.now, dueHours), reversalOf: resolved.id },
    ctx,
  );

const linked = (unresolved: ReconException, { id }: ReconException, ctx: Context): ExceptionChange =>
  changeTo(nextVersion(unresolved, { reversalOf: id }, ctx), 'link_reversal', unresolved, ctx);
