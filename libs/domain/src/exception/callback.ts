import { fieldChanges, type Context, type Json } from '../change';
import { defaultPolicy, type Policy } from './policy';
import { ok, refuse, type Result } from '../result';
import {
  firstFlaw,
  invalid,
  noteFlaw,
  oneOfFlaw,
  optionalTextFlaw,
  textFlaw,
  timeFlaw,
  type Flaw,
} from '../value/validation';
import { cut, limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';
import { decide, type ExceptionChange } from './exception';
import { eventOf } from './exception.event';
import type { ExceptionCommand } from './exception.lifecycle';
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
    noteFlaw('payload', callback.payload ?? '', limits.payload),
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
  const { externalSystem, externalIssueId, pending } = exception;
  if (!isMeant(exception, callback)) {
    return refuse({
      code: 'callback_mismatch',
      ...(externalSystem && { externalSystem }),
      ...(externalIssueId && { externalIssueId }),
    });
  }
  if (isStale(exception, callback)) return ok(ignored(exception, callback, ctx));
  if (awaitsApprovalOf(exception, callback)) return ok(ignored(exception, callback, ctx));
  // Whoever has it outside has no say in what a second person or the ledger is asked here.
  if (pending !== undefined && pending !== 'external') {
    return refuse({ code: 'still_pending', waitsFor: pending });
  }
  // What has happened elsewhere cannot be refused here for a dispute or its reason. Where a policy asks for approval of
  // `resolve`, it becomes a proposal of the reporting actor: a report alone is one person's word.
  const hearing = { ...policy, disputeBlocksResolving: false };
  const { reasonCodes: _listed, ...elsewhere } = facts;
  const change = decide(exception, commandFor(exception, callback), ctx, elsewhere, hearing);
  return change.ok ? ok(withoutEcho(withLink(exception, change.value, callback), callback)) : change;
}

/** It comes from whom the exception was dispatched to. Where no issue is known yet, the first one named is it. */
const isMeant = ({ externalSystem, externalIssueId }: ReconException, callback: Callback): boolean =>
  externalSystem === callback.externalSystem &&
  (externalIssueId === undefined || externalIssueId === callback.externalIssueId);

const isStale = ({ externalUpdatedAt }: ReconException, { updatedAt }: Callback): boolean =>
  updatedAt !== undefined && externalUpdatedAt !== undefined && updatedAt < externalUpdatedAt;

/** Whether it repeats the report that awaits approval here. */
export const awaitsApprovalOf = (
  { status, pending, proposal }: ReconException,
  report: Pick<Callback, 'externalSystem' | 'status'>,
): boolean =>
  status === 'PENDING_RESOLUTION' &&
  pending === 'approval' &&
  proposal?.reportedBy === report.externalSystem &&
  report.status === 'RESOLVED';

/** The command of ours that does what was said over there. */
function commandFor({ status }: ReconException, callback: Callback): ExceptionCommand {
  // Whoever reports ASSIGNED names an assignee: nothing is well-formed without.
  const { externalSystem, externalIssueId, resolutionNotes, assignee = '' } = callback;
  const issue = `${externalSystem} ${externalIssueId}`;
  const due = callback.dueAt !== undefined && { dueAt: callback.dueAt };
  const waits = status === 'PENDING_RESOLUTION';
  switch (callback.status) {
    case 'RESOLVED': {
      const resolution = cut(`Resolved in ${issue}`, limits.resolution);
      return waits
        ? { type: 'confirm', notes: resolutionNotes ?? resolution }
        : { type: 'resolve', resolution, ...(resolutionNotes && { reason: resolutionNotes }) };
    }
    case 'ASSIGNED':
      return waits
        ? { type: 'return', reason: `Taken up in ${issue}`, assignee, ...due }
        : { type: 'assign', assignee, ...due };
    case 'OPEN':
      return { type: 'return', reason: resolutionNotes ?? `Returned by ${issue}`, ...due };
  }
}

/** What the other side said of itself goes with the change it brought, as long as it has the exception. */
function withLink(before: ReconException, change: ExceptionChange, callback: Callback): ExceptionChange {
  const { externalIssueId, updatedAt } = callback;
  const link = { externalIssueId, ...(updatedAt !== undefined && { externalUpdatedAt: updatedAt }) };
  const { externalSystem: reportedBy, proposal } = change.state;
  const state = {
    ...change.state,
    ...(reportedBy !== undefined && link),
    ...(proposal && reportedBy && { proposal: { ...proposal, reportedBy } }),
  };
  const changes = fieldChanges(before, state);
  const events = change.events.map((event) => ({
    ...event,
    changes,
    data: { ...event.data, callback: told(callback) },
  }));
  return { ...change, state, events };
}

/** Whoever said it need not be told. */
const withoutEcho = (
  { notes, ...change }: ExceptionChange,
  { externalSystem }: Callback,
): ExceptionChange => {
  const others = (notes ?? []).filter(({ target }) => target !== externalSystem);
  return others.length ? { ...change, notes: others } : change;
};

const ignored = (exception: ReconException, callback: Callback, ctx: Context): ExceptionChange => ({
  basedOn: exception.version,
  state: exception,
  events: [eventOf('ignore_callback', exception, exception, ctx, { callback: told(callback) })],
});

const told = (callback: Callback): Readonly<Record<string, Json>> => ({ ...callback });
