import type { Context, Patch } from '../change';
import { proposalOf } from '../approval/approving';
import type { Policy } from '../policy';
import { ok, type Result } from '../result';
import { money } from '../value/money';
import type { ExceptionCommand, ResolvingCommand } from './exception.lifecycle';
import type { ExceptionFacts } from './exception.rules';
import type { Dispatch } from '../dispatch/dispatch';
import { reserveTicket } from '../dispatch/reserve';
import type { Adjustment, ReconException } from './recon-exception';

type ExceptionPatch = Patch<ReconException>;

/** What a command does: to the exception, and in rows that come with it. */
export type Effect = Readonly<{ patch: ExceptionPatch; adjustment?: Adjustment; dispatch?: Dispatch }>;

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
      return resolved(exception, command, ctx);
    case 'propose': {
      const sound = resolved(exception, command.resolution, ctx);
      if (!sound.ok) return sound;
      const proposal = proposalOf(exception, command, ctx, facts.approvalPolicy, policy.approvalExpiresHours);
      return ok({ patch: { pending: command.waitsFor, pendingSince: ctx.now, proposal } });
    }
    case 'dispatch':
      return ok(dispatched(exception, command, ctx, policy));
    case 'confirm':
      if (exception.proposal) return resolved(exception, exception.proposal.resolution, ctx);
      return ok({ patch: { ...resolvedBy(ctx), ...(command.notes && { resolutionNotes: command.notes }) } });
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

const resolvedBy = (ctx: Context): ExceptionPatch => ({ resolvedAt: ctx.now, resolvedBy: ctx.actor });

function resolved(exception: ReconException, command: ResolvingCommand, ctx: Context): Result<Effect> {
  switch (command.type) {
    case 'force_match': {
      const { overrideReason, notes } = command;
      return ok({
        patch: {
          ...resolvedBy(ctx),
          resolutionType: 'FORCE_MATCH',
          resolutionReason: overrideReason,
          resolutionNotes: notes,
        },
      });
    }
    case 'adjust_entry': {
      const { reasonCode, notes, effectiveAt, direction = 'DEBIT' } = command;
      const amount = money(command.amount, command.currency);
      if (!amount.ok) return amount;
      const who = { createdBy: ctx.actor, createdAt: ctx.now };
      return ok({
        patch: {
          ...resolvedBy(ctx),
          resolutionType: 'ADJUST_ENTRY',
          resolutionReason: reasonCode,
          resolutionNotes: notes,
        },
        adjustment: {
          id: ctx.newId(),
          exceptionId: exception.id,
          amount: amount.value,
          direction,
          effectiveAt,
          reasonCode,
          notes,
          ...who,
        },
      });
    }
    case 'resolve': {
      const { resolution, reason } = command;
      return ok({
        patch: {
          ...resolvedBy(ctx),
          resolutionNotes: resolution,
          ...(reason && { resolutionReason: reason }),
        },
      });
    }
    default:
      return command satisfies never;
  }
}

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
