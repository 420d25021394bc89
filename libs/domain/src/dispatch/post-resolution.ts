import type { Context } from '../change';
import type { Adjustment } from '../resolution/adjustment';
import type { BookedResolution } from '../resolution/commands';
import { exactly } from '../resolution/counterpart';
import type { Proposal } from '../resolution/proposal';
import { ok, type Result } from '../result';
import { money } from '../value/money';
import type { Dispatch } from './dispatch';
import type { Posting } from './posting';
import { reservePosting } from './reserve';

/** What a posting says about the exception that it is for. */
type Subject = Readonly<{ id: string; transactionId: string; reason: string; source?: string }>;

/** Reserves the posting of a proposed resolution. Its id is the id that the adjustment will have. */
export function postResolution(
  exception: Subject,
  proposal: Proposal,
  resolution: BookedResolution,
  ctx: Context,
): Result<Readonly<{ proposal: Proposal; dispatch: Dispatch }>> {
  const posting = postingFor(exception, proposal, resolution);
  if (!posting.ok) return posting;
  const dispatch = reservePosting(ctx.newId(), posting.value, ctx);
  return ok({ proposal: { ...proposal, postingId: dispatch.id }, dispatch });
}

function postingFor(
  exception: Subject,
  { proposedBy, proposedAt, approvals = [], residuals }: Proposal,
  resolution: BookedResolution,
): Result<Posting> {
  const about = {
    ...aboutOf(exception),
    requestedBy: proposedBy,
    requestedAt: proposedAt,
    ...(approvals.length && { approvedBy: approvals.map(({ by }) => by) }),
  };
  if (resolution.type === 'force_match') {
    const { overrideReason, notes, counterparts } = resolution;
    const named = counterparts && exactly(counterparts);
    if (named && !named.ok) return named;
    return ok({
      ...about,
      type: 'forced_match',
      overrideReason,
      notes,
      ...(named && { counterparts: named.value }),
      ...(residuals && { residuals }),
    });
  }
  const { currency, effectiveAt, reasonCode, notes, direction = 'DEBIT' } = resolution;
  const amount = money(resolution.amount, currency);
  if (!amount.ok) return amount;
  return ok({
    ...about,
    type: 'adjustment',
    amount: amount.value,
    direction,
    effectiveAt,
    reasonCode,
    notes,
  });
}

/** Reserves the posting of a reversal, for an adjustment that was posted to a ledger. */
export function postReversal(
  exception: Subject,
  reversal: Adjustment & Readonly<{ reverses: string }>,
  ctx: Context,
): Dispatch {
  const { id, reverses, amount, direction, effectiveAt, reasonCode, notes, createdBy, createdAt, approval } =
    reversal;
  const booked = { type: 'reversal', reverses, amount, direction, effectiveAt, reasonCode, notes } as const;
  const who = approval
    ? {
        requestedBy: approval.proposedBy,
        requestedAt: approval.proposedAt,
        approvedBy: approval.approvals.map(({ by }) => by),
      }
    : { requestedBy: createdBy, requestedAt: createdAt };
  return reservePosting(id, { ...aboutOf(exception), ...who, ...booked }, ctx);
}

const aboutOf = ({ id, transactionId, reason, source }: Subject) => ({
  exceptionId: id,
  transactionId,
  reason,
  ...(source !== undefined && { source }),
});
