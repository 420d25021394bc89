import type { Context, Patch } from '../change';
import { postResolution } from '../dispatch/post-resolution';
import type { ApprovedProposal } from '../resolution/approval';
import type { BookedResolution, ResolvingCommand } from '../resolution/commands';
import { evaluateMatch } from '../resolution/forced-match';
import type { Proposal } from '../resolution/proposal';
import { ok, type Result } from '../result';
import { defined } from '../value/defined';
import { money } from '../value/money';
import type { Effect } from './effect';
import type { ExceptionFacts } from './exception.facts';
import type { Policy } from './policy';
import type { ReconException } from './recon-exception';
import { approvedReversal } from './reversal';

/** The author of a resolution, and the id of its row where the ledger knows it already. */
type Decision = Readonly<{ by: string; id?: string; approval?: ApprovedProposal }>;

export const resolvedBy = (by: string, ctx: Context): Patch<ReconException> => ({
  resolvedAt: ctx.now,
  resolvedBy: by,
});

/** The effect of a resolution on the exception, with the adjustment or the match that it makes. */
export function resolve(
  exception: ReconException,
  command: ResolvingCommand,
  { by, id, approval }: Decision,
  ctx: Context,
  policy: Policy,
): Result<Effect> {
  const patch = (fields: Patch<ReconException>) => ({ ...resolvedBy(by, ctx), ...fields });
  const row = () => ({
    id: id ?? ctx.newId(),
    exceptionId: exception.id,
    createdBy: by,
    createdAt: ctx.now,
    ...(approval && { approval }),
  });
  switch (command.type) {
    case 'force_match': {
      const { overrideReason, notes } = command;
      const match = evaluateMatch(exception, command, policy.residualTolerance);
      if (!match.ok) return match;
      return ok({
        patch: patch({
          resolutionType: 'FORCE_MATCH',
          resolutionReason: overrideReason,
          resolutionNotes: notes,
        }),
        ...(match.value && { match: { ...row(), overrideReason, notes, ...match.value } }),
      });
    }
    case 'adjust_entry': {
      const { reasonCode, notes, effectiveAt, direction = 'DEBIT' } = command;
      const amount = money(command.amount, command.currency);
      if (!amount.ok) return amount;
      return ok({
        patch: patch({
          resolutionType: 'ADJUST_ENTRY',
          resolutionReason: reasonCode,
          resolutionNotes: notes,
        }),
        adjustment: { ...row(), amount: amount.value, direction, effectiveAt, reasonCode, notes },
      });
    }
    case 'resolve': {
      const { resolution, reason } = command;
      return ok({
        patch: patch({ resolutionNotes: resolution, ...(reason && { resolutionReason: reason }) }),
      });
    }
    default:
      return command satisfies never;
  }
}

/** The exception waits for the ledger from now on. */
export function sendToLedger(
  exception: ReconException,
  proposal: Proposal,
  resolution: BookedResolution,
  ctx: Context,
): Result<Effect> {
  const dispatch = postResolution(exception, proposal, resolution, ctx);
  if (!dispatch.ok) return dispatch;
  const posted = { ...proposal, postingId: dispatch.value.id };
  return ok({
    patch: { pending: 'ledger', pendingSince: ctx.now, proposal: posted },
    dispatch: dispatch.value,
  });
}

/** A confirmed proposal takes effect, in the name of its last approver or else of its proposer; never of the ledger. */
export function carryOutProposal(
  exception: ReconException,
  proposal: Proposal,
  ctx: Context,
  facts: ExceptionFacts,
  policy: Policy,
): Result<Effect> {
  const { resolution, proposedBy, proposedAt, policyVersion, postingId: id } = proposal;
  const given = exception.pending === 'approval' ? [{ by: ctx.actor, at: ctx.now }] : [];
  const approvals = [...(proposal.approvals ?? []), ...given];
  const decision = defined({
    by: approvals.at(-1)?.by ?? proposedBy,
    id,
    approval: approvals.length ? defined({ proposedBy, proposedAt, approvals, policyVersion }) : undefined,
  });
  if (resolution.type !== 'reverse') return resolve(exception, resolution, decision, ctx, policy);
  return ok({
    patch: {},
    ...approvedReversal(exception, resolution, decision, ctx, facts.unresolved, policy),
  });
}
