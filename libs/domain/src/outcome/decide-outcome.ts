import { fieldChanges, historyEvent, type Change, type Context, type HistoryEvent } from '../change';
import { decideDispatch } from '../dispatch/decide-dispatch';
import type { Dispatch, DispatchAttempt } from '../dispatch/dispatch';
import { dispatchEvents, type DispatchCommand, type DispatchEventType } from '../dispatch/dispatch.lifecycle';
import { defaultLookupPolicies, type LookupPolicies } from '../dispatch/lookup-policy';
import { decide } from '../exception/exception';
import type { ExceptionChange } from '../exception/exception.change';
import { withdrawn } from '../exception/exception.effects';
import type { ExceptionFacts } from '../exception/exception.facts';
import type { ReconException } from '../exception/recon-exception';
import { ok, type Result } from '../result';
import { defined } from '../value/defined';
import type { DispatchTarget } from '../value/dispatch-target';
import { cut, limits } from '../value/text';
import { mismatchAfter } from './ledger-mismatch';
import { flaggedAfter, patched } from './patched';
import { exceptionAfterPosting } from './posting-answer';

/** An event of a dispatch. `version` is that of the exception. */
export type DispatchEvent = HistoryEvent<DispatchEventType>;

/** The new state of a dispatch, and the change of its exception that comes with it. */
export type DispatchChange = Change<Dispatch, DispatchEvent> &
  Readonly<{ attempt?: DispatchAttempt; exception?: ExceptionChange }>;

/** A dispatch with its exception. */
export type DispatchWithException = Readonly<{
  dispatch: Dispatch;
  exception: ReconException;
  facts: ExceptionFacts;
  /** Of the posting of a reversal: the exception that the reversal opened. */
  reopened?: ReconException;
}>;

/** The effect of a command on a dispatch, on its exception, and on the history. */
export function decideOutcome(
  loaded: DispatchWithException,
  command: DispatchCommand,
  ctx: Context,
  assurances: LookupPolicies = defaultLookupPolicies,
  attempt?: DispatchAttempt,
): Result<DispatchChange> {
  const { dispatch, exception } = loaded;
  const decided = decideDispatch(dispatch, command, ctx, assurances[dispatch.target]);
  if (!decided.ok) return decided;
  const state = decided.value;
  const effect = exceptionAfter(loaded, state, ctx);
  if (!effect.ok) return effect;
  const touched = effect.value;
  const after = touched?.state ?? exception;
  // A change of the exception that has an event of its own is recorded there.
  const changes = touched?.events.length ? {} : fieldChanges(exception, after);
  const subject = { exceptionId: exception.id, dispatchId: state.id, version: after.version };
  const events = eventsOf(dispatch, state, command).map((type) =>
    historyEvent(type, subject, changes, ctx, dataOf(state)),
  );
  return ok(defined({ basedOn: dispatch.version, state, events, attempt, exception: touched }));
}

function eventsOf(before: Dispatch, after: Dispatch, command: DispatchCommand): DispatchEventType[] {
  const events: DispatchEventType[] = [];
  if (command.type === 'redrive') events.push(dispatchEvents.redrive);
  if (after.state !== before.state) {
    if (after.state === 'CONFIRMED') events.push(dispatchEvents.confirm);
    if (after.state === 'FAILED') events.push(dispatchEvents.fail);
    if (after.state === 'DEAD') events.push(dispatchEvents.die);
  }
  if (command.type === 'follow' && after.externalReference !== before.externalReference)
    events.push(dispatchEvents.move);
  if ((after.duplicates?.length ?? 0) > (before.duplicates?.length ?? 0))
    events.push(dispatchEvents.duplicate);
  return events;
}

const dataOf = ({
  target,
  kind,
  state,
  externalReference,
  externalUrl,
  duplicates,
  lastError,
}: Dispatch) => ({
  dispatch: defined({
    target,
    kind,
    state,
    externalReference: externalReference || undefined,
    externalUrl: externalUrl || undefined,
    duplicates,
    problem: lastError || undefined,
  }),
});

/** The exception gets the reference of its ticket, and returns when no external system is going to have it. */
function exceptionAfter(
  loaded: DispatchWithException,
  after: Dispatch,
  ctx: Context,
): Result<ExceptionChange | undefined> {
  const { exception, dispatch: before, facts } = loaded;
  if (after.posting?.type === 'reversal') return ok(mismatchAfter(loaded, before, after, ctx));
  if (after.kind === 'posting') return exceptionAfterPosting(exception, before, after, facts, ctx);
  const isItsTicket = after.kind === 'ticket' && before.live && exception.externalSystem === after.target;
  if (!isItsTicket || exception.status === 'RESOLVED') return ok(undefined);
  if (after.state === before.state) return ok(afterMove(exception, before, after, ctx));
  if (after.state === 'CONFIRMED' && exception.externalIssueId === undefined)
    return ok(patched(exception, { externalIssueId: after.externalReference }, ctx));
  if (after.state === 'DEAD') return ok(flaggedAfter(exception, ctx));
  if (after.state !== 'FAILED') return ok(undefined);
  const [other] = facts.liveDispatches.filter(({ id }) => id !== after.id);
  if (other) {
    // Only tickets are live, and no ticket goes to the ledger.
    const externalSystem = other.target as DispatchTarget;
    const { externalReference: externalIssueId } = other;
    return ok(patched(exception, { ...withdrawn, externalSystem, externalIssueId }, ctx));
  }
  if (exception.pending !== 'external') return ok(patched(exception, withdrawn, ctx));
  const reason = cut(after.lastError ?? 'It could not be handed over.', limits.resolutionReason);
  const returned = decide(exception, { type: 'return', reason }, ctx, facts);
  if (!returned.ok) return returned;
  // The failed dispatch was the only live one, and has ended by itself.
  const { endsDispatches: _ends, ...change } = returned.value;
  return ok(change);
}

/** The exception names its ticket as the external system does now. */
const afterMove = (
  exception: ReconException,
  before: Dispatch,
  { externalReference: externalIssueId }: Dispatch,
  ctx: Context,
): ExceptionChange | undefined =>
  exception.externalIssueId !== undefined &&
  exception.externalIssueId === before.externalReference &&
  exception.externalIssueId !== externalIssueId
    ? patched(exception, { externalIssueId }, ctx)
    : undefined;
