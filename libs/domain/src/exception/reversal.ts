import { nextVersion, type Context } from '../change';
import type { Adjustment } from '../resolution/adjustment';
import type { ApprovedProposal } from '../resolution/approval';
import { needsApproval, type ApprovalPolicy, type ApprovalRule } from '../resolution/approval-policy';
import type { Proposal, ProposedReversal } from '../resolution/proposal';
import { ok, refuse, type Result } from '../result';
import { defined } from '../value/defined';
import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';
import { text, time, validate } from '../value/validation';
import { changeTo, type ExceptionChange } from './exception.change';
import { defaultPolicy, type Policy } from './policy';
import type { ReconException } from './recon-exception';
import { reversalRows, type ReversalRows } from './reversal-rows';
import { approvalTerms } from './route-resolution';

/** Reverse an adjustment; effective at once unless `effectiveAt` is given. */
export type ReverseAdjustment = Readonly<{ reason: string; effectiveAt?: Timestamp }>;

/** An adjustment, with the facts that its reversal depends on. */
export type Reversible = Readonly<{
  adjustment: Adjustment;
  /** The exception that it was posted for. */
  exception: ReconException;
  /** The reversal that exists already. */
  reversedBy?: string;
  /** The adjustment was posted to an external ledger. */
  carried?: true;
  /** The tenant's present approval policy. */
  approvalPolicy?: ApprovalPolicy;
  /** The unresolved exception of the same transaction and reason, of which there is at most one. */
  unresolved?: ReconException;
}>;

/** The effect of a reversal: three rows that are saved together. */
export type Reversal = Readonly<{
  /** The opposite adjustment, which `reversed` has too. */
  adjustment: Adjustment;
  /** The exception that the adjustment was posted for. It stays resolved; its history has the reversal. */
  reversed: ExceptionChange;
  /** The exception to work on now: a new one, or the unresolved one that exists already. */
  reopened: ExceptionChange;
}>;

/** Where an approval rule fits, nothing is posted yet: `proposed` is the resolved exception, which holds the proposal. */
export type ReversalOutcome = Reversal | Readonly<{ proposed: ExceptionChange }>;

const checks = { reason: text(limits.notes), effectiveAt: time };

/**
 * Reverses an adjustment, once: nothing is changed or deleted, the opposite is posted. The resolved exception stays as it
 * is, and another one is opened for its transaction. A reversal posts the same amount as the adjustment, so a policy that
 * asks for approval of that amount asks for approval of the reversal.
 */
export function reverse(
  reversible: Reversible,
  command: ReverseAdjustment,
  ctx: Context,
  policy: Policy = defaultPolicy,
): Result<ReversalOutcome> {
  const { adjustment, exception, reversedBy, approvalPolicy } = reversible;
  const malformed = validate(command, checks);
  if (malformed) return refuse(malformed);
  if (adjustment.reverses !== undefined)
    return refuse({ code: 'not_reversible', adjustmentId: adjustment.id, reverses: adjustment.reverses });
  if (reversedBy !== undefined)
    return refuse({ code: 'already_reversed', adjustmentId: adjustment.id, reversedBy });
  if (exception.pending !== undefined) return refuse({ code: 'still_pending', waitsFor: exception.pending });
  const { amount, currency } = adjustment.amount;
  const rule = needsApproval(exception, { type: 'adjust_entry', amount, currency }, approvalPolicy);
  if (rule) return ok({ proposed: proposed(reversible, command, rule, ctx, policy) });

  const { reopened, ...rows } = reversalRows(reversible, command, { by: ctx.actor }, ctx, policy);
  const data = { adjustment: rows.adjustment, reopenedAs: reopened.state.id };
  const reversed = changeTo(nextVersion(exception, {}, ctx), 'reverse', exception, ctx, data);
  return ok({ adjustment: rows.adjustment, reversed: { ...reversed, ...rows }, reopened });
}

/** The rows of a proposed reversal that has its last approval. */
export const approvedReversal = (
  exception: ReconException,
  { adjustment, carried, reason, effectiveAt }: ProposedReversal,
  decision: Readonly<{ by: string; approval?: ApprovedProposal }>,
  ctx: Context,
  unresolved: ReconException | undefined,
  policy: Policy,
): ReversalRows =>
  reversalRows(
    { adjustment, exception, carried, unresolved },
    { reason, effectiveAt },
    decision,
    ctx,
    policy,
  );

/** The resolved exception holds the proposal; no other field of it changes. */
function proposed(
  { adjustment, exception, carried, approvalPolicy }: Reversible,
  { reason, effectiveAt }: ReverseAdjustment,
  rule: ApprovalRule,
  ctx: Context,
  { approvalExpiresHours }: Policy,
): ExceptionChange {
  const resolution = defined({ type: 'reverse' as const, adjustment, carried, reason, effectiveAt });
  const terms = approvalTerms(exception, rule, approvalPolicy, ctx, approvalExpiresHours);
  const proposal: Proposal = { resolution, proposedBy: ctx.actor, proposedAt: ctx.now, ...terms };
  const state = nextVersion(exception, { pending: 'approval', pendingSince: ctx.now, proposal }, ctx);
  return { ...changeTo(state, 'propose_reversal', exception, ctx), deadline: terms.expiresAt };
}
