import { nextVersion, type Context, type Patch } from '../change';
import { reserveNotes } from '../dispatch/reserve';
import { ok, refuse, type Result } from '../result';
import { approve, deadlineFor } from './approve';
import { eventData } from './event-data';
import { changeTo, type ExceptionChange } from './exception.change';
import { effectOf, withdrawn } from './exception.effects';
import { noFacts, type ExceptionFacts } from './exception.facts';
import type { ExceptionCommand, ExceptionStatus } from './exception.lifecycle';
import { exceptionNote } from './exception.note';
import { broken } from './exception.rules';
import { validateCommand } from './exception.validation';
import { nextOf } from './next-statuses';
import { defaultPolicy, type Policy } from './policy';
import type { ReconException } from './recon-exception';
import { warningsAbout } from './resolution.rules';
import { routeThroughApproval, routeThroughLedger } from './route-resolution';

/** The effect of a command on an exception, or its refusal. Pure: the same arguments give the same answer. */
export function decide(
  exception: ReconException,
  given: ExceptionCommand,
  ctx: Context,
  facts: ExceptionFacts = noFacts,
  policy: Policy = defaultPolicy,
): Result<ExceptionChange> {
  const malformed = validateCommand(given);
  if (malformed) return refuse(malformed);
  const approved = routeThroughApproval(exception, given, facts.approvalPolicy);
  if (!approved.ok) return approved;
  const routed = routeThroughLedger(exception, approved.value, facts.ledger === true);
  if (!routed.ok) return routed;
  const command = routed.value;
  const next = nextOf(exception, command.type, 'of' in command ? command.of : undefined);
  if (!next.ok) return next;
  const refusal = broken(exception, command, ctx, facts, policy);
  if (refusal) return refuse(refusal);
  const approval = command.type === 'confirm' && approve(exception, ctx, facts, policy);
  if (approval) return approval;
  const effect = effectOf(exception, command, ctx, facts, policy);
  if (!effect.ok) return effect;

  const { patch, ...rows } = effect.value;
  const status = pick(next.value, patch.assignedTo ?? exception.assignedTo);
  const left = leaving(exception, command, status);
  const waits = patch.pendingSince !== undefined;
  // A wait that begins is not overdue.
  const state = nextVersion(
    exception,
    { ...left.patch, ...(waits && { flaggedAt: undefined }), ...patch, status },
    ctx,
  );
  const resolves = exception.status !== 'RESOLVED' && status === 'RESOLVED';
  const data = eventData(command, rows, facts, resolves);
  const change = changeTo(state, rows.reopened ? 'reverse' : command.type, exception, ctx, data);
  const [event] = change.events;
  const warnings = warningsAbout(exception, command, policy);
  const notes = reserveNotes(facts.liveDispatches, exception.id, () => event && exceptionNote(event), ctx);
  return ok({
    ...change,
    ...rows,
    ...(left.ends && { endsDispatches: true }),
    ...(notes.length && { notes }),
    ...(waits && deadlineFor(state, policy)),
    ...(warnings && { warnings }),
  });
}

/**
 * Several commands one after the other, as one change; at most one of them may dispatch or recall. The first refusal
 * refuses them all.
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
    const notes = [...(change.notes ?? []), ...(next.value.notes ?? [])];
    const events = [...change.events, ...next.value.events];
    change = { ...change, ...next.value, basedOn: change.basedOn, events, ...(notes.length && { notes }) };
  }
  return ok(change);
}

/** Where the table lists several statuses, an exception with an assignee returns to that person. */
const pick = (next: readonly ExceptionStatus[], assignee: string | undefined): ExceptionStatus =>
  next.find((status) => status !== 'ASSIGNED' || next.length === 1 || assignee !== undefined) ?? 'OPEN';

/**
 * A wait ends when the exception leaves PENDING_RESOLUTION, or when the proposed reversal of a resolved one is decided on.
 * The live tickets end with the resolution, or when the exception returns from outside without being taken up there; a
 * failed proposal leaves them as they are.
 */
function leaving(
  { status, pending, externalSystem }: ReconException,
  command: ExceptionCommand,
  to: ExceptionStatus,
): { patch: Patch<ReconException>; ends: boolean } {
  const waited = pending !== undefined && to !== 'PENDING_RESOLUTION';
  const takenUp = command.type === 'return' && command.assignee !== undefined;
  const returned = waited && pending === 'external' && to !== 'RESOLVED' && !takenUp;
  return {
    ends: (returned || (to === 'RESOLVED' && status !== to)) && externalSystem !== undefined,
    patch: {
      ...(waited && {
        pending: undefined,
        pendingSince: undefined,
        flaggedAt: undefined,
        proposal: undefined,
      }),
      ...(returned && withdrawn),
    },
  };
}
