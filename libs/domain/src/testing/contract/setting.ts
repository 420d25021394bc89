import assert from 'node:assert/strict';
import type { ApprovalPolicy } from '../../resolution/approval-policy';
import type { Context, HistoryEvent } from '../../change';
import type { Comment, CommentChange } from '../../comment/comment';
import { CommentDesk } from '../../desks/comment-desk';
import type { DispatchAttempt } from '../../dispatch/dispatch';
import { DisputeDesk } from '../../desks/dispute-desk';
import type { Dispute, DisputeChange } from '../../dispute/dispute';
import type { ExceptionChange } from '../../exception/exception.change';
import type { Adjustment } from '../../resolution/adjustment';
import type { ReconException } from '../../exception/recon-exception';
import type { ForcedMatch } from '../../resolution/forced-match';
import { ExceptionDesk } from '../../desks/exception-desk';
import { dispatchTargets } from '../../value/dispatch-target';
import type { Raise } from '../../exception/report';
import type { CommandMeta } from '../../desks/command-meta';
import { defaultPolicy } from '../../exception/policy';
import type { AcceptedReasons } from '../../resolution/reason-codes';
import type { LoadedException, Reply, Transaction, UnitOfWork } from '../../ports/stores';
import { ok, type Result } from '../../result';
import { aContext, aReport, fixedClock } from '../builders';
import { accepted, verdict } from '../outcomes';

export { accepted, reversal, verdict } from '../outcomes';

/** A store to be put to the test, and what no port shows of it. */
export type StorageHarness = Readonly<{
  uow: UnitOfWork;
  /** UUIDs that were never given out before, in ascending order. */
  newId(): string;
  /** Every line of an exception's history, oldest first. */
  historyOf(tenant: string, exceptionId: string): Promise<readonly HistoryEvent[]>;
  /** The adjustments of an exception, in the order in which they were posted. */
  adjustmentsOf(tenant: string, exceptionId: string): Promise<readonly Adjustment[]>;
  /** The forced match of an exception; one at most. */
  forcedMatchesOf(tenant: string, exceptionId: string): Promise<readonly ForcedMatch[]>;
  /** The attempts of a dispatch, oldest first. */
  attemptsOf(tenant: string, dispatchId: string): Promise<readonly DispatchAttempt[]>;
  /** Sets the tenant's approval policy, a fact that comes with its exceptions. */
  approveUnder(tenant: string, policy: ApprovalPolicy): Promise<void>;
  /** Sets the tenant's reason codes, another such fact. */
  takeReasons(tenant: string, reasonCodes: AcceptedReasons): Promise<void>;
  /** Sets that the tenant's books are kept in an external ledger, another such fact. */
  keepBooksElsewhere(tenant: string): Promise<void>;
}>;

export type Promises = Readonly<Record<string, (setting: Setting) => Promise<void>>>;

/** One tenant of the store, for one case alone. */
export type Setting = ReturnType<typeof freshTenant>;

export function freshTenant(harness: StorageHarness) {
  const { uow, newId } = harness;
  const tenant = `tenant ${newId()}`;
  const ports = { uow, newId, clock: fixedClock };
  const exceptions = new ExceptionDesk(ports, { ...defaultPolicy, connectors: dispatchTargets });
  const disputes = new DisputeDesk(ports);
  const comments = new CommentDesk(ports);
  const meta = (over: Partial<CommandMeta> = {}): CommandMeta => ({ tenant, actor: 'ana', ...over });
  const run = <T>(work: (tx: Transaction) => Promise<Result<T>>, replyKey?: string): Promise<Result<T>> =>
    uow.run({ tenant, ...(replyKey !== undefined && { replyKey }) }, work);
  const writing =
    <Change>(save: (tx: Transaction, change: Change) => Promise<void>) =>
    (change: Change): Promise<Result<unknown>> =>
      run(async (tx) => {
        await save(tx, change);
        return ok(undefined);
      });
  const read = async <T>(from: (tx: Transaction) => Promise<T>, replyKey?: string): Promise<T> =>
    accepted(await run(async (tx) => ok(await from(tx)), replyKey));

  return {
    harness,
    tenant,
    newId,
    exceptions,
    disputes,
    comments,
    meta,
    run,
    read,
    /** Each in a unit of work of its own. */
    save: writing<ExceptionChange>((tx, change) => tx.exceptions.save(change)),
    saveDispute: writing<DisputeChange>((tx, change) => tx.disputes.save(change)),
    saveComment: writing<CommentChange>((tx, change) => tx.comments.save(change)),
    remember: (reply: Reply, replyKey?: string): Promise<Result<unknown>> =>
      run(async (tx) => {
        await tx.replies.remember(reply);
        return ok(undefined);
      }, replyKey),
    ctx: (over: Partial<Context> = {}): Context => aContext({ newId, ...over }),
    raised: async (over: Partial<Raise> = {}): Promise<ReconException> =>
      accepted(await exceptions.raise(aReport({ transactionId: newId(), ...over }), meta())).state,
    disputed: async (exceptionId: string, category: Dispute['category'] = 'OTHER'): Promise<Dispute> =>
      accepted(await disputes.open(exceptionId, { category, description: 'Wrong.' }, meta())).state,
    commented: async (exceptionId: string, content = 'Looks odd.'): Promise<Comment> =>
      accepted(await comments.add(exceptionId, content, meta())).state,
    exception: (id: string): Promise<LoadedException | undefined> => read((tx) => tx.exceptions.load(id)),
    dispute: async (id: string): Promise<Dispute | undefined> =>
      (await read((tx) => tx.disputes.load(id)))?.dispute,
    comment: (exceptionId: string, id: string): Promise<Comment | undefined> =>
      read((tx) => tx.comments.load(exceptionId, id)),
    history: (exceptionId: string) => harness.historyOf(tenant, exceptionId),
    adjustments: (exceptionId: string) => harness.adjustmentsOf(tenant, exceptionId),
    forcedMatches: (exceptionId: string) => harness.forcedMatchesOf(tenant, exceptionId),
  };
}

/** The outcomes there are, each with its count: `{ ok: 1, not_allowed: 9 }`. */
export const tally = (outcomes: readonly Result<unknown>[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const word of outcomes.map(verdict)) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
};

/** A value that has to be there. */
export function present<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}

/** Whether a unit of work has written anything: it does not when it refuses, or when it throws. */
export const commits = (unit: Promise<Result<unknown>>): Promise<boolean> =>
  unit.then(
    (outcome) => outcome.ok,
    () => false,
  );

/** All of them started before any has ended. */
export const atOnce = <T>(count: number, start: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => start(index)));

/** The same items in any order count as equal. */
export const sorted = <T>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** Targets, without the ids of what is out there. */
export const targetsOf = (loaded: LoadedException | undefined): readonly string[] =>
  (loaded?.facts.liveDispatches ?? []).map(({ target }) => target).sort();
