import type { Context, Patch } from '../change';
import { approvedReversal } from './reversal';
import { proposalOf } from './route-resolution';
import type { Adjustment } from '../resolution/adjustment';
import type { ApprovedProposal } from '../resolution/approval';
import type { Proposal } from '../resolution/proposal';
import { postResolution } from '../dispatch/post-resolution';
import { isBooked, type BookedResolution, type ResolvingCommand } from '../resolution/commands';
import { evaluateMatch, type ForcedMatch } from '../resolution/forced-match';
import type { Policy } from './policy';
import { ok, type Result } from '../result';
import { money } from '../value/money';
import type { ExceptionChange } from './exception.change';
import type { ExceptionCommand } from './exception.lifecycle';
import type { ExceptionFacts } from './exception.rules';
import type { Dispatch } from '../dispatch/dispatch';
import { reserveTicket } from '../dispatch/reserve';
import type { ReconException } from './recon-exception';

type ExceptionPatch = Patch<ReconException>;

/** What a command does: to the exception, and in rows that come with it. */
export type Effect = Readonly<{
  patch: ExceptionPatch;
  adjustment?: Adjustment;
  match?: ForcedMatch;
  dispatch?: Dispatch;
  reopened?: ExceptionChange;
}>;

/** What a command does to an exception that may be given it. */
export function effectOf(
  exception: ReconException,
  command: ExceptionCommand,
  ctx: Context,
  facts: ExceptionFacts,
  policy: Policy,
): Result<Effect> {
  switch (command.type) {
    case 'assign':
      return ok({
        patch: { ...assigned(command.assignee, ctx), ...(command.dueAt && { dueAt: command.dueAt }) },
      });
    case 'unassign':
      return ok({ patch: { assignedTo: undefined, assignedBy: undefined } });
    case 'force_match':
    case 'adjust_entry':
    case 'resolve':
      return resolved(exception, command, { by: ctx.actor }, ctx, policy);
    case 'propose': {
      const { resolution, waitsFor } = command;
      const sound = resolved(exception, resolution, { by: ctx.actor }, ctx, policy);
      if (!sound.ok) return sound;
      const made = proposalOf(exception, command, ctx, facts.approvalPolicy, policy.approvalExpiresHours);
      const { match } = sound.value;
      const proposal = match ? { ...made, residuals: match.residuals } : made;
      if (waitsFor === 'ledger' && isBooked(resolution))
        return toLedger(exception, proposal, resolution, ctx);
      return ok({ patch: { pending: waitsFor, pendingSince: ctx.now, proposal } });
    }
    case 'dispatch':
      return ok(dispatched(exception, command, ctx, policy));
    case 'confirm':
      if (exception.proposal) return settled(exception, exception.proposal, ctx, facts, policy);
      return ok({
        patch: { ...resolvedBy(ctx.actor, ctx), ...(command.notes && { resolutionNotes: command.notes }) },
      });
    case 'return': {
      const { assignee, dueAt } = command;
      return ok({ patch: { ...(assignee && assigned(assignee, ctx)), ...(dueAt && { dueAt }) } });
    }
    case 'recall':
      return ok({ patch: {} });
    default:
      return command satisfies never;
  }
}

/** Nobody outside has it. */
export const withdrawn: ExceptionPatch = {
  externalSystem: undefined,
  externalIssueId: undefined,
  externalUpdatedAt: undefined,
};

const assigned = (assignee: string, ctx: Context): ExceptionPatch => ({
  assignedTo: assignee,
  assignedBy: ctx.actor,
});

const resolvedBy = (by: string, ctx: Context): ExceptionPatch => ({ resolvedAt: ctx.now, resolvedBy: by });

/** It waits for the ledger from now on. */
export function toLedger(
  exception: ReconException,
  proposal: Proposal,
  resolution: BookedResolution,
  ctx: Context,
): Result<Effect> {
  const sent = postResolution(exception, proposal, resolution, ctx);
  if (!sent.ok) return sent;
  const { dispatch } = sent.value;
  return ok({ patch: { pending: 'ledger', pendingSince: ctx.now, proposal: sent.value.proposal }, dispatch });
}

/** What was proposed takes effect: in the name of whoever decided it, which the ledger never does. */
function settled(
  exception: ReconException,
  proposal: Proposal,
  ctx: Context,
  facts: ExceptionFacts,
  policy: Policy,
): Result<Effect> {
  const { resolution, proposedBy, proposedAt, policyVersion, postingId: id } = proposal;
  const given = exception.pending === 'approval' ? [{ by: ctx.actor, at: ctx.now }] : [];
  const approvals = [...(proposal.approvals ?? []), ...given];
  const by = approvals.at(-1)?.by ?? proposedBy;
  const version = policyVersion !== undefined && { policyVersion };
  const approval = approvals.length > 0 && { approval: { proposedBy, proposedAt, approvals, ...version } };
  const decision = { by, ...(id !== undefined && { id }), ...approval };
  if (resolution.type === 'reverse')
    return ok({
      patch: {},
      ...approvedReversal(exception, resolution, decision, ctx, facts.unresolved, policy),
    });
  return resolved(exception, resolution, decision, ctx, policy);
}

/** Whose resolution it is; with the id its row is to have, when somebody was told of one already. */
type Decision = Readonly<{ by: string; id?: string; approval?: ApprovedProposal }>;

function resolved(
  exception: ReconException,
  command: ResolvingCommand,
  decision: Decision,
  ctx: Context,
  policy: Policy,
): Result<Effect> {
  const { by } = decision;
  switch (command.type) {
    case 'force_match': {
      const { overrideReason, notes } = command;
      const weighed = evaluateMatch(exception, command, policy.residualTolerance);
      if (!weighed.ok) return weighed;
      const named = weighed.value;
      return ok({
        patch: {
          ...resolvedBy(by, ctx),
          resolutionType: 'FORCE_MATCH',
          resolutionReason: overrideReason,
          resolutionNotes: notes,
        },
        ...(named && { match: { ...rowOf(exception, decision, ctx), overrideReason, notes, ...named } }),
      });
    }
    case 'adjust_entry': {
      const { reasonCode, notes, effectiveAt, direction = 'DEBIT' } = command;
      const amount = money(command.amount, command.currency);
      if (!amount.ok) return amount;
      return ok({
        patch: {
          ...resolvedBy(by, ctx),
          resolutionType: 'ADJUST_ENTRY',
          resolutionReason: reasonCode,
          resolutionNotes: notes,
        },
        adjustment: {
          ...rowOf(exception, decision, ctx),
          amount: amount.value,
          direction,
          effectiveAt,
          reasonCode,
          notes,
        },
      });
    }
    case 'resolve': {
      const { resolution, reason } = command;
      return ok({
        patch: {
          ...resolvedBy(by, ctx),
          resolutionNotes: resolution,
          ...(reason && { resolutionReason: reason }),
        },
      });
    }
    default:
      return command satisfies never;
  }
}

const rowOf = ({ id: exceptionId }: ReconException, { by, id, approval }: Decision, ctx: Context) => ({
  id: id ?? ctx.newId(),
  exceptionId,
  createdBy: by,
  createdAt: ctx.now,
  ...(approval && { approval }),
});

function dispatched(
  exception: ReconException,
  { target, queue }: Extract<ExceptionCommand, { type: 'dispatch' }>,
  ctx: Context,
  { exceptionLink: link }: Policy,
): Effect {
  const place = { target, ...(queue && { queue }), ...(link && { link }) };
  return {
    patch: { ...withdrawn, pending: 'external', pendingSince: ctx.now, externalSystem: target },
    dispatch: reserveTicket(exception, place, ctx),
  };
}
