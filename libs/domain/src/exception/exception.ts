import { fieldChanges, type Change, type Context, type HistoryEvent, type Json } from '../change';
import { move } from '../lifecycle';
import { defaultPolicy, type Policy } from '../policy';
import { ok, refuse, type Result } from '../result';
import { money } from '../value/money';
import {
  exceptionEvents,
  exceptionLifecycle,
  type ExceptionCommand,
  type ExceptionEventType,
  type ExceptionStatus,
  type ResolvingCommand,
} from './exception.lifecycle';
import { broken, noFacts, type ExceptionFacts } from './exception.rules';
import { commandFlaw } from './exception.shape';
import type { Adjustment, Dispatch, ReconException } from './recon-exception';

export type ExceptionEvent = HistoryEvent<ExceptionEventType>;

export type ExceptionChange = Change<ReconException, ExceptionEvent> &
  Readonly<{
    adjustment?: Adjustment;
    dispatch?: Dispatch;
    /** The hand-overs still out are over: nobody outside is to answer any more. */
    endsDispatches?: true;
  }>;

/** The fields a command sets; undefined unsets one. */
type Patch = { [F in keyof ReconException]?: ReconException[F] | undefined };
type Effect = Readonly<
  { patch: Patch } & Partial<Pick<ExceptionChange, 'adjustment' | 'dispatch' | 'endsDispatches'>>
>;

/** What a command does to an exception, or why it may not. Pure: the same arguments give the same answer. */
export function decide(
  exception: ReconException,
  command: ExceptionCommand,
  ctx: Context,
  facts: ExceptionFacts = noFacts,
  policy: Policy = defaultPolicy,
): Result<ExceptionChange> {
  const flaw = commandFlaw(command);
  if (flaw) return refuse(flaw);
  const next = move(exceptionLifecycle, exception.status, command.type);
  if (!next.ok) return next;
  const refusal = broken(exception, command, ctx.actor, facts, policy);
  if (refusal) return refuse(refusal);
  const effect = effectOf(exception, command, ctx);
  if (!effect.ok) return effect;

  const { patch, ...rows } = effect.value;
  const status = pick(next.value, exception);
  const state = patched(exception, { ...leaving(exception, status), ...patch, status }, ctx);
  const event = {
    id: ctx.newId(),
    type: exceptionEvents[command.type],
    exceptionId: state.id,
    version: state.version,
    actor: ctx.actor,
    at: ctx.now,
    changes: fieldChanges(exception, state),
    ...dataOf(command, rows, facts, status),
  };
  return ok({ basedOn: exception.version, state, events: [event], ...rows });
}

/** Where the table leaves a choice, an exception with an assignee goes back to that person. */
const pick = (next: readonly ExceptionStatus[], exception: ReconException): ExceptionStatus =>
  next.find((status) => status !== 'ASSIGNED' || next.length === 1 || exception.assignedTo !== undefined) ??
  exception.status;

/** Leaving PENDING_RESOLUTION ends every wait. */
const leaving = (exception: ReconException, to: ExceptionStatus): Patch =>
  exception.status === 'PENDING_RESOLUTION' && to !== 'PENDING_RESOLUTION'
    ? { pending: undefined, proposal: undefined }
    : {};

function effectOf(exception: ReconException, command: ExceptionCommand, ctx: Context): Result<Effect> {
  switch (command.type) {
    case 'assign':
      return ok({ patch: { assignedTo: command.assignee, ...(command.dueAt && { dueAt: command.dueAt }) } });
    case 'unassign':
      return ok({ patch: { assignedTo: undefined } });
    case 'force_match':
    case 'adjust_entry':
    case 'resolve':
      return resolved(exception, command, ctx);
    case 'propose': {
      const sound = resolved(exception, command.resolution, ctx);
      if (!sound.ok) return sound;
      const proposal = { resolution: command.resolution, proposedBy: ctx.actor, proposedAt: ctx.now };
      return ok({ patch: { pending: command.waitsFor, proposal } });
    }
    case 'dispatch':
      return ok(dispatched(exception, command, ctx));
    case 'confirm':
      if (exception.proposal) return resolved(exception, exception.proposal.resolution, ctx);
      return ok({ patch: { ...resolvedBy(ctx), ...(command.notes && { resolutionNotes: command.notes }) } });
    case 'return':
    case 'recall':
      return ok({ patch: { externalSystem: undefined, externalIssueId: undefined }, endsDispatches: true });
    default:
      return command satisfies never;
  }
}

const resolvedBy = (ctx: Context): Patch => ({ resolvedAt: ctx.now, resolvedBy: ctx.actor });

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
  command: Extract<ExceptionCommand, { type: 'dispatch' }>,
  ctx: Context,
): Effect {
  const { target, queue } = command;
  const state = target === 'MANUAL' ? 'CONFIRMED' : 'RESERVED';
  return {
    patch: { pending: 'external', externalSystem: target, externalIssueId: undefined },
    dispatch: {
      id: ctx.newId(),
      exceptionId: exception.id,
      target,
      ...(queue && { queue }),
      state,
      requestedBy: ctx.actor,
      requestedAt: ctx.now,
    },
  };
}

function patched(exception: ReconException, patch: Patch, ctx: Context): ReconException {
  const state: Record<string, unknown> = {
    ...exception,
    ...patch,
    version: exception.version + 1,
    updatedAt: ctx.now,
  };
  for (const field of Object.keys(state)) if (state[field] === undefined) delete state[field];
  // Only optional fields can be unset by a patch, so what is left is a whole exception.
  return state as ReconException;
}

function dataOf(
  command: ExceptionCommand,
  rows: Omit<Effect, 'patch'>,
  facts: ExceptionFacts,
  status: ExceptionStatus,
): { data?: Record<string, Json> } {
  const data: Record<string, Json> = {};
  if ((command.type === 'return' || command.type === 'recall') && command.reason)
    data['reason'] = command.reason;
  if (rows.adjustment) data['adjustment'] = rows.adjustment;
  if (rows.dispatch) data['dispatch'] = rows.dispatch;
  if (status === 'RESOLVED' && facts.activeDisputes.length)
    data['activeDisputes'] = facts.activeDisputes.map((d) => d.id);
  return Object.keys(data).length ? { data } : {};
}
