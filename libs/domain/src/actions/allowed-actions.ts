import type { Context } from '../change';
import { decideDispute, openDispute, type ActiveDisputes, type Dispute } from '../dispute/dispute';
import { disputeCategories, type DisputeCategory, type DisputeCommand } from '../dispute/dispute.lifecycle';
import { decide } from '../exception/exception';
import { noFacts, type Asker, type ExceptionFacts } from '../exception/exception.facts';
import type { ExceptionCommand } from '../exception/exception.lifecycle';
import { defaultPolicy, type Policy } from '../exception/policy';
import { receive } from '../exception/receive';
import type { ReconException } from '../exception/recon-exception';
import { explain, type RefusalCode } from '../refusal';
import type { ReasonedCommand } from '../resolution/reason-codes';
import { ok, type Result } from '../result';
import { minorDigits } from '../value/currency';
import { dispatchTargets, type DispatchTarget } from '../value/dispatch-target';

/*
 * Allowed actions: what an actor can do with an exception or a dispute now. Each action is tried with a sample command, so
 * that the answer is the decision itself.
 */

/** Whether an action is possible now; if not, the refusal code and a sentence for a person. */
export type AllowedAction = Readonly<
  | {
      allowed: true;
      /** Of `dispatch`: the targets that can be named now. */
      targets?: readonly DispatchTarget[];
      /** Of `dispute`: the categories that can be named now. */
      categories?: readonly DisputeCategory[];
    }
  | { allowed: false; code: RefusalCode; reason: string }
>;

/**
 * The actions on an exception. `approve`, `reject` and `withdraw` are about what is proposed; `callback` is the report of the
 * external system that has the exception; `dispute` opens a dispute.
 */
export type ExceptionAction =
  | Exclude<ExceptionCommand['type'], 'propose' | 'confirm' | 'return'>
  | ('approve' | 'reject' | 'withdraw' | 'callback' | 'comment' | 'dispute');
/** The answer for every action on an exception. */
export type AllowedActions = Readonly<Record<ExceptionAction, AllowedAction>>;
/** The actions on a dispute. `close` ends it, won or lost. */
export type DisputeAction = Exclude<DisputeCommand['type'], 'win' | 'lose'> | 'close';
/** The answer for every action on a dispute. */
export type AllowedDisputeActions = Readonly<Record<DisputeAction, AllowedAction>>;

/** A text that every rule accepts. */
const some = 'x';

/**
 * For every action whether `actor` can do it at `now`, and if not, why: as the command would be answered. A command may still
 * be refused for its content, such as an amount with too many digits.
 */
export function allowedActions(
  exception: ReconException,
  asker: Asker,
  facts: ExceptionFacts = noFacts,
  policy: Policy = defaultPolicy,
): AllowedActions {
  const ctx = contextOf(asker, exception.id);
  const can = (command: ExceptionCommand) => answer(decide(exception, command, ctx, facts, policy));
  const reason = (command: ReasonedCommand): string => facts.reasonCodes?.[command]?.[0] ?? some;
  const { assignedTo, externalSystem = 'MANUAL', externalIssueId = some, id } = exception;
  const report = { externalSystem, externalIssueId, status: 'RESOLVED' } as const;
  return {
    assign: can({ type: 'assign', assignee: assignedTo === some ? `${some}${some}` : some }),
    unassign: can({ type: 'unassign' }),
    force_match: can({ type: 'force_match', overrideReason: reason('force_match'), notes: some }),
    adjust_entry: can({
      ...{ type: 'adjust_entry', ...leastAmount(exception, facts), effectiveAt: asker.now },
      ...{ reasonCode: reason('adjust_entry'), notes: some, direction: 'DEBIT' },
    }),
    resolve: can({ type: 'resolve', resolution: some, reason: reason('resolve') }),
    dispatch: choice('targets', ['MANUAL', ...dispatchTargets.filter((one) => one !== 'MANUAL')], (target) =>
      decide(exception, { type: 'dispatch', target }, ctx, facts, policy),
    ),
    recall: can({ type: 'recall' }),
    approve: can({ type: 'confirm', of: 'proposal' }),
    reject: can({ type: 'return', of: 'proposal', reason: some }),
    withdraw: can({ type: 'recall', of: 'proposal' }),
    callback: answer(receive(exception, report, ctx, facts, policy)),
    comment: { allowed: true },
    dispute: choice('categories', disputeCategories, (category) =>
      openDispute(id, { category, description: some }, ctx, facts),
    ),
  };
}

/** As `allowedActions`, for a dispute. */
export function allowedDisputeActions(
  dispute: Dispute,
  asker: Asker,
  facts: ActiveDisputes = noFacts,
): AllowedDisputeActions {
  const ctx = contextOf(asker, dispute.id);
  const can = (command: DisputeCommand) => answer(decideDispute(dispute, command, ctx, facts));
  return {
    open: can({ type: 'open' }),
    request_evidence: can({ type: 'request_evidence', note: some }),
    submit_evidence: can({ type: 'submit_evidence', comment: some }),
    close: can({ type: 'win', resolution: some }),
    reopen: can({ type: 'reopen', reason: some }),
  };
}

/** Nothing is kept of what is tried, so any id is as good as a new one. */
const contextOf = (asker: Asker, id: string): Context => ({ ...asker, newId: () => id });

const answer = (outcome: Result<unknown>): AllowedAction =>
  outcome.ok
    ? { allowed: true }
    : { allowed: false, code: outcome.refusal.code, reason: explain(outcome.refusal) };

/** An action that names one of several values: allowed with those that are accepted. The refusal is that of the first. */
function choice<Value extends string>(
  name: 'targets' | 'categories',
  values: readonly Value[],
  trial: (value: Value) => Result<unknown>,
): AllowedAction {
  const tried = values.map((value) => ({ value, outcome: trial(value) }));
  const accepted = tried.filter(({ outcome }) => outcome.ok).map(({ value }) => value);
  if (accepted.length) return { allowed: true, [name]: accepted };
  return answer(tried[0]?.outcome ?? ok(undefined));
}

/** The amount for which an approval is needed last: the smallest of the currency. */
function leastAmount({ amount }: ReconException, { approvalPolicy }: ExceptionFacts) {
  const named = approvalPolicy?.rules.find((rule) => rule.currency !== undefined)?.currency;
  const currency = amount?.currency ?? named ?? 'EUR';
  const digits = minorDigits(currency) ?? 0;
  return { amount: digits ? `0.${'1'.padStart(digits, '0')}` : '1', currency };
}
