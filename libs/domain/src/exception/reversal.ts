import type { ApprovedProposal } from '../resolution/approval';
import { approvalTerms } from './route-resolution';
import { needsApproval, type ApprovalPolicy, type ApprovalRule } from '../resolution/approval-policy';
import type { Proposal, ProposedReversal } from '../resolution/proposal';
import { nextVersion, type Context } from '../change';
import type { ExceptionChange } from './exception.change';
import { eventOf } from './exception.event';
import type { ReconException } from './recon-exception';
import { defaultPolicy, type Policy } from './policy';
import { ok, refuse, type Result } from '../result';
import { limits } from '../value/text';
import { firstFlaw, textFlaw, timeFlaw, type Flaw } from '../value/validation';
import type { Timestamp } from '../value/timestamp';
import type { Adjustment } from '../resolution/adjustment';
import { reversalRows, type ReversalRows } from './reversal-rows';

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
  /** What the tenant has approved by more than one person now. */
  approvalPolicy?: ApprovalPolicy;
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

/** Where a rule fits, the reversal awaits approval, and nothing is posted before: `proposed` is the resolved exception. */
export type ReversalOutcome = Reversal | Readonly<{ proposed: ExceptionChange }>;

const flawOf = ({ reason, effectiveAt }: ReverseAdjustment): Flaw =>
  firstFlaw(textFlaw('reason', reason, limits.notes), timeFlaw('effectiveAt', effectiveAt));

/**
 * Takes an adjustment back, once: nothing is changed or deleted, the opposite is posted. What it had resolved is open
 * again as another exception, since a resolved one stays as it is. A reversal posts as much as the adjustment did, so a
 * policy that asks for approval of that asks for approval of this.
 */
export function reverse(
  reversible: Reversible,
  command: ReverseAdjustment,
  ctx: Context,
  policy: Policy = defaultPolicy,
): Result<ReversalOutcome> {
  const { adjustment, exception, reversedBy, approvalPolicy } = reversible;
  const flaw = flawOf(command);
  if (flaw) return refuse(flaw);
  if (adjustment.reverses !== undefined)
    return refuse({ code: 'not_reversible', adjustmentId: adjustment.id, reverses: adjustment.reverses });
  if (reversedBy !== undefined)
    return refuse({ code: 'already_reversed', adjustmentId: adjustment.id, reversedBy });
  if (exception.pending !== undefined) return refuse({ code: 'still_pending', waitsFor: exception.pending });
  const { amount, currency } = adjustment.amount;
  const rule = needsApproval(exception, { type: 'adjust_entry', amount, currency }, approvalPolicy);
  if (rule) return ok({ proposed: proposed(reversible, command, rule, ctx, policy) });

  const { reopened, ...rows } = reversalRows(reversible, command, { by: ctx.actor }, ctx, policy);
  const state = nextVersion(exception, {}, ctx);
  const data = { adjustment: rows.adjustment, reopenedAs: reopened.state.id };
  const events = [eventOf('reverse', exception, state, ctx, data)];
  return ok({
    adjustment: rows.adjustment,
    reversed: { basedOn: exception.version, state, ...rows, events },
    reopened,
  });
}

/** What is posted once a proposed reversal has its last approval. */
export const approvedReversal = (
  exception: ReconException,
  { adjustment, carried, reason, effectiveAt }: ProposedReversal,
  decision: Readonly<{ by: string; approval?: ApprovedProposal }>,
  ctx: Context,
  unresolved: ReconException | undefined,
  policy: Policy,
): ReversalRows =>
  reversalRows(
    { adjustment, exception, ...(carried && { carried }), ...(unresolved && { unresolved }) },
    { reason, ...(effectiveAt !== undefined && { effectiveAt }) },
    decision,
    ctx,
    policy,
  );

/** The resolved exception holds the proposal, and nothing else about it changes. */
function proposed(
  { adjustment, exception, carried, approvalPolicy }: Reversible,
  { reason, effectiveAt }: ReverseAdjustment,
  rule: ApprovalRule,
  ctx: Context,
  { approvalExpiresHours }: Policy,
): ExceptionChange {
  const resolution: ProposedReversal = {
    type: 'reverse',
    adjustment,
    ...(carried && { carried }),
    reason,
    ...(effectiveAt !== undefined && { effectiveAt }),
  };
  const terms = approvalTerms(exception, rule, approvalPolicy, ctx, approvalExpiresHours);
  const proposal: Proposal = { resolution, proposedBy: ctx.actor, proposedAt: ctx.now, ...terms };
  const state = nextVersion(exception, { pending: 'approval', pendingSince: ctx.now, proposal }, ctx);
  return {
    basedOn: exception.version,
    state,
    events: [eventOf('propose_reversal', exception, state, ctx)],
    deadline: terms.expiresAt,
  };
}
