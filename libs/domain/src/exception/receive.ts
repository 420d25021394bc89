import { fieldChanges, type Context } from '../change';
import { ok, refuse, type Result } from '../result';
import { defined } from '../value/defined';
import { cut, limits } from '../value/text';
import { validateCallback, type Callback } from './callback';
import { decide } from './exception';
import { changeTo, type ExceptionChange } from './exception.change';
import { noFacts, type ExceptionFacts } from './exception.facts';
import type { ExceptionCommand } from './exception.lifecycle';
import { defaultPolicy, type Policy } from './policy';
import type { ReconException } from './recon-exception';

/** The effect of a callback on an exception, or its refusal. */
export function receive(
  exception: ReconException,
  callback: Callback,
  ctx: Context,
  facts: ExceptionFacts = noFacts,
  policy: Policy = defaultPolicy,
): Result<ExceptionChange> {
  const malformed = validateCallback(callback);
  if (malformed) return refuse(malformed);
  const { externalSystem, externalIssueId, pending } = exception;
  if (!isAddressed(exception, callback)) {
    return refuse(defined({ code: 'callback_mismatch' as const, externalSystem, externalIssueId }));
  }
  if (isStale(exception, callback) || awaitsApprovalOf(exception, callback))
    return ok(changeTo(exception, 'ignore_callback', exception, ctx, dataOf(callback)));
  // An external system does not decide what a second person or the ledger is asked for here.
  if (pending !== undefined && pending !== 'external') {
    return refuse({ code: 'still_pending', waitsFor: pending });
  }
  // An external fact is not refused for a dispute or its reason. Where a policy asks for approval of `resolve`, the report
  // becomes a proposal of the reporting actor: a report is the word of one person.
  const lenient = { ...policy, disputeBlocksResolving: false };
  const { reasonCodes: _listed, ...external } = facts;
  const change = decide(exception, commandFor(exception, callback), ctx, external, lenient);
  return change.ok ? ok(withoutEcho(withLink(exception, change.value, callback), callback)) : change;
}

/** The callback is from the system that has the exception. Where no issue is known yet, the first one named is accepted. */
const isAddressed = ({ externalSystem, externalIssueId }: ReconException, callback: Callback): boolean =>
  externalSystem === callback.externalSystem &&
  (externalIssueId === undefined || externalIssueId === callback.externalIssueId);

const isStale = ({ externalUpdatedAt }: ReconException, { updatedAt }: Callback): boolean =>
  updatedAt !== undefined && externalUpdatedAt !== undefined && updatedAt < externalUpdatedAt;

/** Whether the report repeats one that awaits approval here. */
export const awaitsApprovalOf = (
  { status, pending, proposal }: ReconException,
  report: Pick<Callback, 'externalSystem' | 'status'>,
): boolean =>
  status === 'PENDING_RESOLUTION' &&
  pending === 'approval' &&
  proposal?.reportedBy === report.externalSystem &&
  report.status === 'RESOLVED';

/** The command that has the effect of the reported status. */
function commandFor({ status }: ReconException, callback: Callback): ExceptionCommand {
  // Validation requires an assignee for ASSIGNED.
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

/** The change with the reported issue and time, as long as the external system has the exception. */
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
    data: { ...event.data, ...dataOf(callback) },
  }));
  return { ...change, state, events };
}

/** No note goes back to the system that reported the change. */
const withoutEcho = (
  { notes, ...change }: ExceptionChange,
  { externalSystem }: Callback,
): ExceptionChange => {
  const others = (notes ?? []).filter(({ target }) => target !== externalSystem);
  return others.length ? { ...change, notes: others } : change;
};

const dataOf = (callback: Callback) => ({ callback: { ...callback } });
