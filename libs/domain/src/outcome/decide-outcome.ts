import {
  fieldChanges,
  nextVersion,
  type Change,
  type Context,
  type HistoryEvent,
  type Patch,
} from '../change';
import { decide, type ExceptionChange } from '../exception/exception';
import { withdrawn } from '../exception/exception.effects';
import type { DispatchTarget } from '../value/dispatch-target';
import type { ExceptionFacts } from '../exception/exception.rules';
import type { ReconException } from '../exception/recon-exception';
import { exceptionAfterPosting } from './posting-answer';
import { ok, type Result } from '../result';
import { cut, limits } from '../value/text';
import type { Report } from '../dispatch/attempt-result';
import { defaultAssurances, type Assurances } from '../dispatch/lookup-policy';
import { decideDispatch } from '../dispatch/decide-dispatch';
import { problemLength, type Dispatch, type DispatchAttempt } from '../dispatch/dispatch';
import { dispatchEvents, type DispatchCommand, type DispatchEventType } from '../dispatch/dispatch.lifecycle';

export type DispatchEvent = HistoryEvent<DispatchEventType>;

/** What became of a dispatch, and of its exception with it. */
export type DispatchChange = Change<Dispatch, DispatchEvent> &
  Readonly<{ attempt?: DispatchAttempt; exception?: ExceptionChange }>;

/** A dispatch with all that depends on it. */
export type Whole = Readonly<{ dispatch: Dispatch; exception: ReconException; facts: ExceptionFacts }>;

/** What a command does to a dispatch, to its exception, and to what is told in the history. */
export function decideOutcome(
  { dispatch, exception, facts }: Whole,
  command: DispatchCommand,
  ctx: Context,
  assurances: Assurances = defaultAssurances,
  attempt?: DispatchAttempt,
): Result<DispatchChange> {
  const decided = decideDispatch(dispatch, command, ctx, assurances[dispatch.target]);
  if (!decided.ok) return decided;
  const state = decided.value;
  const effect = exceptionAfter(exception, dispatch, state, facts, ctx);
  if (!effect.ok) return effect;
  const touched = effect.value;
  const after = touched?.state ?? exception;
  const events = eventsOf(dispatch, state, command).map((type): DispatchEvent => ({
    id: ctx.newId(),
    type,
    exceptionId: exception.id,
    dispatchId: state.id,
    version: after.version,
    actor: ctx.actor,
    at: ctx.now,
    // A return tells of itself what it changed.
    changes: touched?.events.length ? {} : fieldChanges(exception, after),
    data: dataOf(state),
  }));
  return ok({
    basedOn: dispatch.version,
    state,
    events,
    ...(attempt && { attempt }),
    ...(touched && { exception: touched }),
  });
}

function eventsOf(before: Dispatch, after: Dispatch, command: DispatchCommand): DispatchEventType[] {
  const events: DispatchEventType[] = [];
  if (command.type === 'redrive') events.push(dispatchEvents.redrive);
  if (after.state !== before.state) {
    if (after.state === 'CONFIRMED') events.push(dispatchEvents.confirm);
    if (after.state === 'FAILED') events.push(dispatchEvents.fail);
    if (after.state === 'DEAD') events.push(dispatchEvents.die);
  }
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
  dispatch: {
    target,
    kind,
    state,
    ...(externalReference && { externalReference }),
    ...(externalUrl && { externalUrl }),
    ...(duplicates && { duplicates }),
    ...(lastError && { problem: lastError }),
  },
});

/** The exception learns the reference of its ticket, and comes back when nobody outside is going to have it. */
function exceptionAfter(
  exception: ReconException,
  before: Dispatch,
  after: Dispatch,
  facts: ExceptionFacts,
  ctx: Context,
): Result<ExceptionChange | undefined> {
  if (after.kind === 'posting') return exceptionAfterPosting(exception, before, after, facts, ctx);
  const isIts = after.kind === 'ticket' && before.live && exception.externalSystem === after.target;
  if (!isIts || exception.status === 'RESOLVED' || after.state === before.state) return ok(undefined);
  if (after.state === 'CONFIRMED' && exception.externalIssueId === undefined)
    return ok(patched(exception, { externalIssueId: after.externalReference }, ctx));
  if (after.state !== 'FAILED') return ok(undefined);
  const [other] = facts.liveDispatches.filter(({ id }) => id !== after.id);
  if (other) {
    // What is live is a ticket: the ledger holds no place.
    const externalSystem = other.target as DispatchTarget;
    const { externalReference: externalIssueId } = other;
    return ok(patched(exception, { ...withdrawn, externalSystem, externalIssueId }, ctx));
  }
  if (exception.pending !== 'external') return ok(patched(exception, withdrawn, ctx));
  const reason = cut(after.lastError ?? 'It could not be handed over.', limits.resolutionReason);
  const returned = decide(exception, { type: 'return', reason }, ctx, facts);
  if (!returned.ok) return returned;
  // The dispatch that failed is the only one there was, and ends itself.
  const { endsDispatches: _ends, ...change } = returned.value;
  return ok(change);
}

const patched = (exception: ReconException, patch: Patch<ReconException>, ctx: Context): ExceptionChange => ({
  basedOn: exception.version,
  state: nextVersion(exception, patch, ctx),
  events: [],
});

/** The command that a report amounts to, and the attempt it is remembered as. */
export function heard(
  dispatch: Dispatch,
  report: Report,
  ctx: Context,
): { command: DispatchCommand; attempt: DispatchAttempt } {
  const { kind, answer } = report;
  const [oldest, ...others] = answer.outcome === 'found' ? answer.tickets : [];
  const reference = answer.outcome === 'created' ? answer.reference : oldest?.reference;
  const attempt: DispatchAttempt = {
    id: ctx.newId(),
    dispatchId: dispatch.id,
    exceptionId: dispatch.exceptionId,
    at: ctx.now,
    kind,
    outcome: answer.outcome,
    ...('problem' in answer && { problem: cut(answer.problem, problemLength) }),
    ...(reference !== undefined && { reference }),
  };
  return { command: commandFor(dispatch, report, oldest, others), attempt };
}

type Ticket = Readonly<{ reference: string; url?: string }>;

function commandFor(
  dispatch: Dispatch,
  { kind, answer }: Report,
  oldest: Ticket | undefined,
  others: readonly Ticket[],
): DispatchCommand {
  switch (answer.outcome) {
    case 'created':
      return { type: 'confirm', reference: answer.reference, ...(answer.url && { url: answer.url }) };
    case 'not_sent':
      return { type: 'put_off', ...delayed(answer) };
    case 'refused':
      return answer.unseen && dispatch.kind === 'posting' && dispatch.sends > 1
        ? { type: 'put_off', problem: answer.problem }
        : { type: 'refuse', problem: answer.problem };
    // What is asked for again under the same id is answered with what has become of it.
    case 'accepted':
    case 'unknown':
      return { type: 'lose', ...delayed(answer) };
    case 'received':
      return { type: 'receive', ...delayed(answer) };
    case 'unavailable':
      return { type: 'wait', ...delayed(answer) };
    case 'none':
      return kind === 'sweep' ? { type: 'sweep', references: [] } : { type: 'miss' };
    case 'found': {
      if (kind === 'sweep' || !oldest)
        return { type: 'sweep', references: answer.tickets.map(({ reference }) => reference) };
      const duplicates = others.map(({ reference }) => reference);
      return { type: 'confirm', ...oldest, ...(duplicates.length && { duplicates }) };
    }
  }
}

const delayed = ({ problem, retryAfterMs }: { problem: string; retryAfterMs?: number }) => ({
  problem,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
