import type { Context, Patch } from '../change';
import { reserveTicket } from '../dispatch/reserve';
import { isBooked } from '../resolution/commands';
import { ok, type Result } from '../result';
import { limits } from '../value/text';
import type { Effect } from './effect';
import type { ExceptionFacts } from './exception.facts';
import type { ExceptionCommand } from './exception.lifecycle';
import type { Policy } from './policy';
import type { ReconException } from './recon-exception';
import { carryOutProposal, resolve, resolvedBy, sendToLedger } from './resolve';
import { proposalOf } from './route-resolution';

type ExceptionPatch = Patch<ReconException>;

/** The effect of a command that no rule refuses. */
export function effectOf(
  exception: ReconException,
  command: ExceptionCommand,
  ctx: Context,
  facts: ExceptionFacts,
  policy: Policy,
): Result<Effect> {
  switch (command.type) {
    case 'assign':
      return ok({ patch: { ...assigned(exception, command.assignee, ctx.actor), ...dueAt(command) } });
    case 'unassign':
      return ok({ patch: assigned(exception) });
    case 'force_match':
    case 'adjust_entry':
    case 'resolve':
      return resolve(exception, command, { by: ctx.actor }, ctx, policy);
    case 'propose': {
      const { resolution, waitsFor } = command;
      const sound = resolve(exception, resolution, { by: ctx.actor }, ctx, policy);
      if (!sound.ok) return sound;
      const made = proposalOf(exception, command, ctx, facts.approvalPolicy, policy.approvalExpiresHours);
      const { match } = sound.value;
      const proposal = match ? { ...made, residuals: match.residuals } : made;
      if (waitsFor === 'ledger' && isBooked(resolution))
        return sendToLedger(exception, proposal, resolution, ctx);
      return ok({ patch: { pending: waitsFor, pendingSince: ctx.now, proposal } });
    }
    case 'dispatch':
      return ok(dispatched(exception, command, ctx, policy));
    case 'confirm':
      if (exception.proposal) return carryOutProposal(exception, exception.proposal, ctx, facts, policy);
      return ok({
        patch: { ...resolvedBy(ctx.actor, ctx), ...(command.notes && { resolutionNotes: command.notes }) },
      });
    case 'return': {
      const { assignee } = command;
      return ok({ patch: { ...(assignee && assigned(exception, assignee, ctx.actor)), ...dueAt(command) } });
    }
    case 'recall':
      return ok({ patch: {} });
    default:
      return command satisfies never;
  }
}

/** No external system has the exception. */
export const withdrawn: ExceptionPatch = {
  externalSystem: undefined,
  externalIssueId: undefined,
  externalUpdatedAt: undefined,
};

/** Who assigned it before is kept: a rule that bars the assigner is not evaded by assigning again. */
function assigned(
  { assignedBy: before, formerAssigners = [] }: ReconException,
  assignedTo?: string,
  assignedBy?: string,
): ExceptionPatch {
  const isKept = before === assignedBy || formerAssigners.some((one) => one === before);
  const isFull = formerAssigners.length >= limits.formerAssigners;
  return {
    assignedTo,
    assignedBy,
    ...(before !== undefined && !isKept && !isFull && { formerAssigners: [...formerAssigners, before] }),
  };
}

const dueAt = ({ dueAt: at }: Readonly<{ dueAt?: string }>): ExceptionPatch => (at ? { dueAt: at } : {});

const dispatched = (
  exception: ReconException,
  { target, queue }: Extract<ExceptionCommand, { type: 'dispatch' }>,
  ctx: Context,
  { exceptionLink }: Policy,
): Effect => ({
  patch: { ...withdrawn, pending: 'external', pendingSince: ctx.now, externalSystem: target },
  dispatch: reserveTicket(exception, { target, queue, link: exceptionLink }, ctx),
});
