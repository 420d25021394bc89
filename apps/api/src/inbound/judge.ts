import {
  awaitsApprovalOf,
  explain,
  plainLine,
  receive,
  type Callback,
  type Context,
  type LoadedDispatch,
  type Policy,
  type Timestamp,
} from '@redress/domain';
import { callbackStatusOf, type Heard, type Says } from './inbound-message';
import { judgePosting } from './judge-posting';
import { recorded, refused, type Verdict } from './verdict';

/** What is known of the ticket: its dispatch with the exception, and the latest change any message told of. */
export type Known = Readonly<{ loaded: LoadedDispatch | undefined; newest: Timestamp | undefined }>;

/** What a message does, or why it does nothing. It may bring an exception forward or back, and never reopens one. */
export function judge(heard: Heard, { loaded, newest }: Known, ctx: Context, policy: Policy): Verdict {
  const { says, at, reference } = heard;
  if (says.what === 'unreadable') return refused(says.problem);
  if (says.what === 'echo') return { outcome: 'echo' };
  if (!loaded) return { outcome: 'no_such_exception' };
  if (says.what === 'posted' || says.what === 'not_posted') return judgePosting(says, loaded, ctx);
  const { dispatch, exception } = loaded;
  const name = reference ?? dispatch.externalReference ?? 'The ticket';
  if (reference !== undefined && (dispatch.externalReference ?? reference) !== reference)
    return refused(
      `${name} is not the ticket of this exception, which is ${dispatch.externalReference}: a copy, or moved.`,
    );
  if (says.what === 'nothing') return recorded();
  const last = latest(newest, dispatch.live ? exception.externalUpdatedAt : undefined);
  if (at !== undefined && last !== undefined && at < last) return { outcome: 'stale' };
  if (at !== undefined && Date.parse(at) > Date.parse(ctx.now) + dayMs)
    return refused(`It changed at ${at}, which is yet to come.`);
  if (says.what === 'unknown_status') return { outcome: 'unknown_status', reason: says.problem };
  if (exception.status === 'RESOLVED')
    return isEnd(says)
      ? recorded('The exception is resolved already.')
      : refused(`${name} is not done, or not any more; the exception is resolved and stays so.`);
  if (!dispatch.live)
    return says.what === 'done' || says.what === 'taken_up'
      ? refused(`${name} goes on, though the exception was taken back from there.`)
      : recorded('The exception was taken back from there.');
  if (says.what === 'deleted')
    return refused(`${name} was deleted, and the exception still waits for it: take it back.`);
  const status = callbackStatusOf[says.what];
  if (status === undefined || bringsNothing(says, loaded)) return recorded();
  if (awaitsApprovalOf(exception, { externalSystem: dispatch.target, status }))
    return recorded('That it is resolved awaits approval already.');
  const callback: Callback = {
    externalSystem: dispatch.target,
    // The place of a target is held by one dispatch, so it is this one that the exception knows, by whatever name.
    externalIssueId: exception.externalIssueId ?? reference ?? dispatch.externalReference ?? dispatch.id,
    callbackType: plainLine(heard.kind, 100),
    status,
    ...('notes' in says && { resolutionNotes: says.notes }),
    ...('assignee' in says && { assignee: says.assignee }),
    ...('dueAt' in says && { dueAt: says.dueAt }),
    ...(at !== undefined && { updatedAt: at }),
  };
  const change = receive(exception, callback, ctx, loaded.facts, policy);
  return change.ok ? { outcome: 'applied', change: change.value } : refused(explain(change.refusal));
}

const dayMs = 24 * 3_600_000;

const latest = (a: Timestamp | undefined, b: Timestamp | undefined): Timestamp | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

/** Nobody over there is going to do anything more. */
const isEnd = ({ what }: Says): boolean => what === 'done' || what === 'returned' || what === 'deleted';

/** Nobody took it up, or who did has it here already: Jira tells of every change of an issue. */
function bringsNothing(says: Says, { exception }: LoadedDispatch): boolean {
  if (says.what !== 'taken_up') return false;
  if (says.assignee === undefined) return true;
  const isNew = says.dueAt !== undefined && says.dueAt !== exception.dueAt;
  return exception.status === 'ASSIGNED' && exception.assignedTo === says.assignee && !isNew;
}
