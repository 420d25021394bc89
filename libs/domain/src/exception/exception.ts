import { nextVersion, type Context, type Json, type Patch } from '../change';
import { routeThroughApproval, routeThroughLedger } from './route-resolution';
import { isBooked } from '../resolution/commands';
import { approvalsOutstanding } from '../resolution/proposal';
import type { Dispatch } from '../dispatch/dispatch';
import { reserveNotes } from '../dispatch/reserve';
import { defaultPolicy, type Policy } from './policy';
import { ok, refuse, type Result } from '../result';
import { deadlineOf } from './deadline';
import type { ExceptionChange } from './exception.change';
import { eventOf } from './exception.event';
import { exceptionNote } from './exception.note';
import type { ExceptionCommand, ExceptionStatus } from './exception.lifecycle';
import { effectOf, toLedger, withdrawn, type Effect } from './exception.effects';
import { broken, noFacts, type ExceptionFacts } from './exception.rules';
import { commandFlaw } from './exception.validation';
import { nextOf } from './next-statuses';
import type { ReconException } from './recon-exception';

export type { ExceptionChange };

/** What a command does to an exception, or why it may not. Pure: the same arguments give the same answer. */
export function decide(
  exception: ReconException,
  given: ExceptionCommand,
  ctx: Context,
  facts: ExceptionFacts = noFacts,
  policy: Policy = defaultPolicy,
): Result<ExceptionChange> {
  const flaw = commandFlaw(given);
  if (flaw) return refuse(flaw);
  const approved = routeThroughApproval(exception, given, facts.approvalPolicy);
  if (!approved.ok) return approved;
  const routed = routeThroughLedger(exception, approved.value, facts.ledger === true);
  if (!routed.ok) return routed;
  const command = routed.value;
  const next = nextOf(exception, command.type);
  if (!next.ok) return next;
  const refusal = broken(exception, command, ctx, facts, policy);
  if (refusal) return refuse(refusal);
  const awaiting = command.type === 'confirm' && approvalGiven(exception, ctx, facts, policy);
  if (awaiting) return awaiting;
  const effect = effectOf(exception, command, ctx, facts, policy);
  if (!effect.ok) return effect;

  const { patch, ...rows } = effect.value;
  const status = pick(next.value, patch.assignedTo ?? exception.assignedTo);
  const left = leaving(exception, command, status);
  // A wait that begins has not been too long.
  const fresh = beginsToWait(patch) && { flaggedAt: undefined };
  const state = nextVersion(exception, { ...left.patch, ...fresh, ...patch, status }, ctx);
  const what = rows.reopened ? 'reverse' : command.type;
  const resolves = exception.status !== 'RESOLVED' && status === 'RESOLVED';
  const event = eventOf(what, exception, state, ctx, dataOf(command, rows, facts, resolves));
  const ended = left.ends && { endsDispatches: true as const };
  const notes = reserveNotes(facts.liveDispatches, exception.id, () => exceptionNote(event), ctx);
  const told = notes.length > 0 && { notes };
  const due = beginsToWait(patch) && dueBy(state, policy);
  return ok({ basedOn: exception.version, state, events: [event], ...rows, ...ended, ...told, ...due });
}

/**
 * Several commands one after the other, as one change; at most one of them may hand over or take back. The first
 * refusal refuses them all.
 */
export function decideAll(
  exception: ReconException,
  commands: readonly ExceptionCommand[],
  ctx: Context,
  facts: ExceptionFacts = noFacts,
  policy: Policy = defaultPolicy,
): Result<ExceptionChange> {
  let change: ExceptionChange = { basedOn: exception.version, state: exception, events: [] };
  for (const command of commands) {
    const next = decide(change.state, command, ctx, facts, policy);
    if (!next.ok) return next;
    const { basedOn, events, notes = [] } = change;
    const told = [...notes, ...(next.value.notes ?? [])];
    change = { ...change, ...next.value, basedOn, events: [...events, ...next.value.events] };
    if (told.length) change = { ...change, notes: told };
  }
  return ok(change);
}

/**
 * An approval that does not resolve by itself: one of several goes on waiting for the others, and after the last what
 * changes the books waits for the ledger, where there is one.
 */
function approvalGiven(
  exception: ReconException,
  ctx: Context,
  facts: ExceptionFacts,
  policy: Policy,
): Result<ExceptionChange> | undefined {
  if (exception.pending !== 'approval' || !exception.proposal) return undefined;
  const approvals = [...(exception.proposal.approvals ?? []), { by: ctx.actor, at: ctx.now }];
  const proposal = { ...exception.proposal, approvals };
  const { resolution } = proposal;
  if (approvalsOutstanding(proposal) > 0) return ok(approvedBy(exception, { patch: { proposal } }, ctx));
  if (!facts.ledger || !isBooked(resolution)) return undefined;
  const sent = toLedger(exception, proposal, resolution, ctx);
  if (!sent.ok) return sent;
  const change = approvedBy(exception, sent.value, ctx);
  return ok({ ...change, ...dueBy(change.state, policy) });
}

function approvedBy(exception: ReconException, { patch, dispatch }: Effect, ctx: Context): ExceptionChange {
  const state = nextVersion(exception, patch, ctx);
  const data = dispatch && { dispatch: orderOf(dispatch) };
  const event = eventOf('approve', exception, state, ctx, data);
  return { basedOn: exception.version, state, events: [event], ...(dispatch && { dispatch }) };
}

const beginsToWait = ({ pendingSince }: Patch<ReconException>): boolean => pendingSince !== undefined;

const dueBy = (waiting: ReconException, policy: Policy): Pick<ExceptionChange, 'deadline'> => {
  const deadline = deadlineOf(waiting, policy);
  return deadline ? { deadline: deadline.at } : {};
};

/** Where the table leaves a choice, an exception with an assignee goes back to that person. */
const pick = (next: readonly ExceptionStatus[], assignee: string | undefined): ExceptionStatus =>
  next.find((status) => status !== 'ASSIGNED' || next.length === 1 || assignee !== undefined) ?? 'OPEN';

/**
 * The wait ends when the exception leaves PENDING_RESOLUTION, or when the proposed reversal of a resolved one is decided on.
 * What is out there is over with the resolution, or when it comes back from there without having been taken up; a proposal
 * that fails leaves it where it was.
 */
function leaving(
  { status, pending, externalSystem }: ReconException,
  command: ExceptionCommand,
  to: ExceptionStatus,
): { patch: Patch<ReconException>; ends: boolean } {
  const waited = pending !== undefined && to !== 'PENDING_RESOLUTION';
  const takenUp = command.type === 'return' && command.assignee !== undefined;
  const cameBack = waited && pending === 'external' && to !== 'RESOLVED' && !takenUp;
  return {
    ends: (cameBack || (to === 'RESOLVED' && status !== to)) && externalSystem !== undefined,
    patch: {
      ...(waited && {
        pending: undefined,
        pendingSince: undefined,
        flaggedAt: undefined,
        proposal: undefined,
      }),
      ...(cameBack && withdrawn),
    },
  };
}

function dataOf(
  command: ExceptionCommand,
  rows: Omit<Effect, 'patch'>,
  facts: ExceptionFacts,
  resolves: boolean,
): Readonly<Record<string, Json>> | undefined {
  const data: Record<string, Json> = {};
  if ((command.type === 'return' || command.type === 'recall') && command.reason !== undefined) {
    data['reason'] = command.reason;
  }
  if (command.type === 'confirm' && command.notes !== undefined) data['notes'] = command.notes;
  if (rows.adjustment) data['adjustment'] = rows.adjustment;
  if (rows.reopened) data['reopenedAs'] = rows.reopened.state.id;
  if (rows.match) data['match'] = rows.match;
  if (rows.dispatch) data['dispatch'] = orderOf(rows.dispatch);
  if (resolves && facts.activeDisputes.length) data['activeDisputes'] = facts.activeDisputes.map((d) => d.id);
  return Object.keys(data).length ? data : undefined;
}

/** What was ordered; how it is carried out is told by its own events, and what is sent is kept with the dispatch. */
const orderOf = ({ id, exceptionId, target, queue, state, requestedBy, requestedAt }: Dispatch) => ({
  id,
  exceptionId,
  target,
  ...(queue !== undefined && { queue }),
  state,
  requestedBy,
  requestedAt,
});
