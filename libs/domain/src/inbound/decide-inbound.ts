import type { Context } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import type { Callback } from '../exception/callback';
import { awaitsApprovalOf, receive } from '../exception/receive';
import type { ExceptionFacts } from '../exception/exception.facts';
import type { Policy } from '../exception/policy';
import type { ReconException } from '../exception/recon-exception';
import { explain } from '../refusal';
import { plainLine } from '../value/plain';
import type { Timestamp } from '../value/timestamp';
import { decidePostingUpdate } from './decide-posting-update';
import { recorded, refused, type InboundDecision } from './inbound-decision';
import { callbackStatusOf, type ParsedMessage, type TicketUpdate } from './message';

/** A ticket as it is known: its dispatch with the exception, and the latest change that any message reported. */
export type KnownTicket = Readonly<{
  loaded: Readonly<{ dispatch: Dispatch; exception: ReconException; facts: ExceptionFacts }> | undefined;
  newest: Timestamp | undefined;
}>;

/**
 * Decides what a message does, or why it does nothing. A message can bring an exception forward or back; it never
 * reopens a resolved one.
 */
export function decideInbound(
  message: ParsedMessage,
  { loaded, newest }: KnownTicket,
  ctx: Context,
  policy: Policy,
): InboundDecision {
  const { update, at, reference, ticketId } = message;
  if (update.type === 'unreadable') return refused(update.problem);
  if (update.type === 'echo') return { outcome: 'echo' };
  if (!loaded) return { outcome: 'no_such_exception' };
  if (update.type === 'posted' || update.type === 'not_posted')
    return decidePostingUpdate(update, loaded, ctx);
  const { dispatch, exception } = loaded;
  const name = reference ?? dispatch.externalReference ?? 'The ticket';
  const isSame = ticketId !== undefined && ticketId === dispatch.externalId;
  if (!isSame && reference !== undefined && (dispatch.externalReference ?? reference) !== reference)
    return refused(
      `${name} is not the ticket of this exception, which is ${dispatch.externalReference}: a copy, or moved.`,
    );
  if (update.type === 'nothing') return recorded();
  const last = latest(newest, dispatch.live ? exception.externalUpdatedAt : undefined);
  if (at !== undefined && last !== undefined && at < last) return { outcome: 'stale' };
  if (at !== undefined && Date.parse(at) > Date.parse(ctx.now) + maxClockAheadMs)
    return refused(`It changed at ${at}, which is yet to come.`);
  if (update.type === 'unknown_status') return { outcome: 'unknown_status', reason: update.problem };
  if (exception.status === 'RESOLVED')
    return isEnd(update)
      ? recorded('The exception is resolved already.')
      : refused(`${name} is not done, or not any more; the exception is resolved and stays so.`);
  if (!dispatch.live)
    return update.type === 'done' || update.type === 'taken_up'
      ? refused(`${name} goes on, though the exception was taken back from there.`)
      : recorded('The exception was taken back from there.');
  if (update.type === 'deleted')
    return refused(`${name} was deleted, and the exception still waits for it: take it back.`);
  const status = callbackStatusOf[update.type];
  if (status === undefined || bringsNothing(update, exception)) return recorded();
  if (awaitsApprovalOf(exception, { externalSystem: dispatch.target, status }))
    return recorded('That it is resolved awaits approval already.');
  const callback: Callback = {
    externalSystem: dispatch.target,
    // One dispatch at a time is live for a target, so the exception knows this one, by whatever name.
    externalIssueId: exception.externalIssueId ?? reference ?? dispatch.externalReference ?? dispatch.id,
    callbackType: plainLine(message.kind, 100),
    status,
    ...('notes' in update && { resolutionNotes: update.notes }),
    ...('assignee' in update && { assignee: update.assignee }),
    ...('dueAt' in update && { dueAt: update.dueAt }),
    ...(at !== undefined && { updatedAt: at }),
  };
  const change = receive(exception, callback, ctx, loaded.facts, policy);
  return change.ok ? { outcome: 'applied', change: change.value } : refused(explain(change.refusal));
}

/** How far the clock of an external system may be ahead of ours. */
const maxClockAheadMs = 24 * 3_600_000;

const latest = (a: Timestamp | undefined, b: Timestamp | undefined): Timestamp | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

/** The external system will do nothing more. */
const isEnd = ({ type }: TicketUpdate): boolean =>
  type === 'done' || type === 'returned' || type === 'deleted';

/** The ticket has no assignee, or the one the exception has already: Jira sends an event for every change of an issue. */
function bringsNothing(update: TicketUpdate, exception: ReconException): boolean {
  if (update.type !== 'taken_up') return false;
  if (update.assignee === undefined) return true;
  const isNewDueAt = update.dueAt !== undefined && update.dueAt !== exception.dueAt;
  return exception.status === 'ASSIGNED' && exception.assignedTo === update.assignee && !isNewDueAt;
}
