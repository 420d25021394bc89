import type { Context, Json } from '../change';
import { defaultPolicy, type Policy } from '../policy';
import { ok, refuse, type Result } from '../result';
import {
  firstFlaw,
  invalid,
  oneOfFlaw,
  optionalTextFlaw,
  textFlaw,
  timeFlaw,
  type Flaw,
} from '../value/shape';
import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';
import { decide, type ExceptionChange } from './exception';
import { exceptionEvents, type ExceptionCommand } from './exception.lifecycle';
import { noFacts, type ExceptionFacts } from './exception.rules';
import type { ReconException } from './recon-exception';

/** Statuses the other side may report: forward to ASSIGNED or RESOLVED, or OPEN, which gives it back. */
export const callbackStatuses = ['OPEN', 'ASSIGNED', 'RESOLVED'] as const;
export type CallbackStatus = (typeof callbackStatuses)[number];

/** What an external system says about an exception that was dispatched to it. */
export type Callback = Readonly<{
  externalSystem: string;
  externalIssueId: string;
  status: CallbackStatus;
  callbackType?: string;
  resolutionNotes?: string;
  /** Needed for ASSIGNED. */
  assignee?: string;
  dueAt?: Timestamp;
  /** When it changed over there; what is older than the last one applied is recorded and changes nothing. */
  updatedAt?: Timestamp;
  /** Whatever else was sent, as text: kept in the history. */
  payload?: string;
}>;

/** What is malformed about a callback. */
const callbackFlaw = (callback: Callback): Flaw =>
  firstFlaw(
    textFlaw('externalSystem', callback.externalSystem, limits.queue),
    textFlaw('externalIssueId', callback.externalIssueId, limits.queue),
    oneOfFlaw('status', callback.status, callbackStatuses),
    optionalTextFlaw('callbackType', callback.callbackType, limits.queue),
    optionalTextFlaw('resolutionNotes', callback.resolutionNotes, limits.notes),
    optionalTextFlaw('assignee', callback.assignee, limits.assignee),
    callback.status === 'ASSIGNED' && callback.assignee === undefined
      ? invalid('assignee', 'is required when the status is ASSIGNED')
      : undefined,
    timeFlaw('dueAt', callback.dueAt),
    timeFlaw('updatedAt', callback.updatedAt),
  );

/** What a callback does to an exception, or why it may not. */
export function receive(
  exception: ReconException,
  callback: Callback,
  ctx: Context,
  facts: ExceptionFacts = noFacts,
  policy: Policy = defaultPolicy,
): Result<ExceptionChange> {
  const flaw = callbackFlaw(callback);
  if (flaw) return refuse(flaw);
  if (!isMeant(exception, callback)) {
    const { externalSystem, externalIssueId } = exception;
    return refuse({
      code: 'callback_mismatch',
      ...(externalSystem && { externalSystem }),
      ...(externalIssueId && { externalIssueId }),
    });
  }
  if (isStale(exception, callback)) return ok(ignored(exception, callback, ctx));
  const change = decide(exception, commandFor(exception, callback), ctx, facts, policy);
  return change.ok ? ok(withLink(change.value, callback)) : change;
}

/** It comes from whom the exception was dispatched to. Where no issue is known yet, the first one named is it. */
const isMeant = ({ externalSystem, externalIssueId }: ReconException, callback: Callback): boolean =>
  externalSystem === callback.externalSystem &&
  (externalIssueId === undefined || externalIssueId === callback.externalIssueId);

const isStale = ({ externalUpdatedAt }: ReconException, { updatedAt }: Callback): boolean =>
  updatedAt !== undefined && externalUpdatedAt !== undefined && updatedAt < externalUpdatedAt;

/** The command of ours that does what was said over there. */
function commandFor({ status }: ReconException, callback: Callback): ExceptionCommand {
  const { externalSystem, externalIssueId, resolutionNotes, assignee, dueAt } = callback;
  const reported = `${externalSystem} ${externalIssueId}`;
  const due = dueAt !== undefined && { dueAt };
  const waits = status === 'PENDING_RESOLUTION';
  switch (callback.status) {
    case 'RESOLVED':
      return waits
        ? { type: 'confirm', notes: resolutionNotes ?? `Resolved in ${reported}` }
        : {
            type: 'resolve',
            resolution: `Resolved in ${reported}`.slice(0, limits.resolution),
            ...(resolutionNotes && { reason: resolutionNotes }),
          };
    case 'ASSIGNED':
      return waits
        ? {
            type: 'return',
            reason: `Taken up in ${reported}`,
            ...(assignee !== undefined && { assignee }),
            ...due,
          }
        : { type: 'assign', assignee: assignee ?? '', ...due };
    case 'OPEN':
      return { type: 'return', reason: resolutionNotes ?? `Returned by ${reported}` };
  }
}

/** What the other side said of itself goes with the change it brought. */
function withLink(change: ExceptionChange, callback: Callback): ExceptionChange {
  const { externalIssueId, updatedAt } = callback;
  const linked = change.state.externalSystem !== undefined;
  const state = linked
    ? { ...change.state, externalIssueId, ...(updatedAt !== undefined && { externalUpdatedAt: updatedAt }) }
    : change.state;
  return {
    ...change,
    state,
    events: change.events.map((event) => ({ ...event, data: { ...event.data, callback: told(callback) } })),
  };
}

const ignored = (exception: ReconException, callback: Callback, ctx: Context): ExceptionChange => ({
  basedOn: exception.version,
  state: exception,
  events: [
    {
      id: ctx.newId(),
      type: exceptionEvents.ignore_callback,
      exceptionId: exception.id,
      version: exception.version,
      actor: ctx.actor,
      at: ctx.now,
      changes: {},
      data: { callback: told(callback) },
    },
  ],
});

const told = (callback: Callback): Readonly<Record<string, Json>> => ({ ...callback });
