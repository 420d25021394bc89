import type { ApprovalPolicy } from '../resolution/approval-policy';
import type { Comment } from '../comment/comment';
import { isActive } from '../dispute/dispute';
import type { HistoryEvent } from '../change';
import type { Dispatch, DispatchAttempt } from '../dispatch/dispatch';
import type { Adjustment } from '../resolution/adjustment';
import type { ForcedMatch } from '../resolution/forced-match';
import type { ExceptionFacts } from '../exception/exception.rules';
import type { AcceptedReasons } from '../resolution/reason-codes';
import type {
  AdjustmentStore,
  CommentStore,
  DispatchStore,
  DisputeStore,
  ExceptionStore,
  Session,
  Transaction,
  UnitOfWork,
} from '../ports/stores';
import type { Result } from '../result';
import {
  appendHistory,
  InMemoryDatabase,
  policyIn,
  reasonCodesIn,
  repliesIn,
  stale,
  staleOver,
  type Tables,
} from './database';

export { InMemoryDatabase };
export type { SettingName } from './database';
export { InMemorySettingReads, InMemorySettingUnitOfWork } from './settings';
export { InMemoryApprovalReads, InMemoryReads, type InMemoryReadOptions } from './reads';
export { InMemoryDeliveries } from './deliveries';
export { InMemoryEndpointReads, InMemoryEndpointUnitOfWork } from './webhook-endpoints';

/**
 * A whole store in memory, for tests and trials. One unit of work at a time, over a copy of the tenant's tables; the
 * copy takes their place on commit. Do not start one unit of work inside another: it would wait for ever.
 */
export class InMemoryUnitOfWork implements UnitOfWork {
  /** Units of work of other kinds and reads share it. */
  constructor(readonly database: InMemoryDatabase = new InMemoryDatabase()) {}

  run<T>(session: Session, work: (tx: Transaction) => Promise<Result<T>>): Promise<Result<T>> {
    return this.database.run(session, transactionOver, work);
  }

  /** From now on, what takes approval. */
  approveUnder(tenant: string, policy: ApprovalPolicy): void {
    this.database.set(tenant, { policy });
  }

  /** From now on, the reason codes that are taken. */
  takeReasons(tenant: string, reasonCodes: AcceptedReasons): void {
    this.database.set(tenant, { reasonCodes });
  }

  /** From now on, whether the books are kept in a ledger elsewhere. */
  keepBooksElsewhere(tenant: string, ledger = true): void {
    this.database.set(tenant, { ledger });
  }

  /** The history of an exception, its disputes and comments included, oldest first. */
  history(tenant: string, exceptionId: string): readonly HistoryEvent[] {
    return this.tablesOf(tenant).history.filter((event) => event.exceptionId === exceptionId);
  }

  /** The comments of an exception that were not deleted, oldest first. */
  comments(tenant: string, exceptionId: string): readonly Comment[] {
    return [...this.tablesOf(tenant).comments.values()].filter(
      (comment) => comment.exceptionId === exceptionId && !comment.deletedAt,
    );
  }

  adjustments(tenant: string, exceptionId: string): readonly Adjustment[] {
    return [...this.tablesOf(tenant).adjustments.values()].filter((row) => row.exceptionId === exceptionId);
  }

  /** What an exception was declared to match; one at most. */
  forcedMatches(tenant: string, exceptionId: string): readonly ForcedMatch[] {
    return this.tablesOf(tenant).matches.filter((row) => row.exceptionId === exceptionId);
  }

  /** The dispatches of a tenant, in the order in which they were reserved. */
  dispatches(tenant: string): readonly Dispatch[] {
    return [...this.tablesOf(tenant).dispatches.values()];
  }

  attempts(tenant: string, dispatchId: string): readonly DispatchAttempt[] {
    return this.tablesOf(tenant).attempts.filter((attempt) => attempt.dispatchId === dispatchId);
  }

  private tablesOf(tenant: string): Tables {
    return this.database.tablesOf(tenant);
  }
}

const transactionOver = (t: Tables, replyKey: string | undefined): Transaction => ({
  exceptions: exceptionsIn(t),
  disputes: disputesIn(t),
  comments: commentsIn(t),
  dispatches: dispatchesIn(t),
  adjustments: adjustmentsIn(t),
  replies: repliesIn(t, replyKey),
});

function settingsIn(t: Tables): Pick<ExceptionFacts, 'approvalPolicy' | 'reasonCodes'> {
  const [approvalPolicy, reasonCodes] = [policyIn(t), reasonCodesIn(t)];
  return { ...(approvalPolicy && { approvalPolicy }), ...(reasonCodes && { reasonCodes }) };
}

const factsAbout = (t: Tables, exceptionId: string): ExceptionFacts => ({
  activeDisputes: [...t.disputes.values()]
    .filter((dispute) => dispute.exceptionId === exceptionId && isActive(dispute))
    .map(({ id, category }) => ({ id, category })),
  liveDispatches: [...t.dispatches.values()]
    .filter((dispatch) => dispatch.exceptionId === exceptionId && dispatch.live)
    .map(({ id, target, externalReference }) => ({
      id,
      target,
      ...(externalReference && { externalReference }),
    })),
  ...settingsIn(t),
  ...(t.ledger && { ledger: true as const }),
});

const exceptionsIn = (t: Tables): ExceptionStore => ({
  load: async (id) => {
    const exception = t.exceptions.get(id.toLowerCase());
    return exception && { exception, facts: factsAbout(t, exception.id) };
  },
  loadAll: async (ids) =>
    [...new Set(ids.map((id) => id.toLowerCase()))].flatMap((id) => {
      const exception = t.exceptions.get(id);
      return exception ? [{ exception, facts: factsAbout(t, id) }] : [];
    }),
  unresolved: async (identities) =>
    [...t.exceptions.values()].filter(
      (known) =>
        known.status !== 'RESOLVED' &&
        identities.some(
          (sought) =>
            sought.transactionId.toLowerCase() === known.transactionId && sought.reason === known.reason,
        ),
    ),
  save: async (change) => {
    const { basedOn, state, events, adjustment, match, dispatch, notes, endsDispatches } = change;
    if (staleOver(t.exceptions.get(state.id), basedOn)) return stale(change);
    t.exceptions.set(state.id, state);
    appendHistory(t, events);
    if (adjustment) t.adjustments.set(adjustment.id, adjustment);
    if (match) t.matches.push(match);
    if (endsDispatches) {
      for (const [id, out] of t.dispatches)
        if (out.exceptionId === state.id) t.dispatches.set(id, { ...out, live: false });
    }
    for (const reserved of [...(dispatch ? [dispatch] : []), ...(notes ?? [])])
      t.dispatches.set(reserved.id, reserved);
  },
});

const disputesIn = (t: Tables): DisputeStore => ({
  load: async (id) => {
    const dispute = t.disputes.get(id.toLowerCase());
    return dispute && { dispute, facts: factsAbout(t, dispute.exceptionId) };
  },
  save: async (change) => {
    const { basedOn, state, events } = change;
    if (staleOver(t.disputes.get(state.id), basedOn)) return stale(change);
    t.disputes.set(state.id, state);
    appendHistory(t, events);
  },
});

const commentsIn = (t: Tables): CommentStore => ({
  load: async (exceptionId, id) => {
    const comment = t.comments.get(id.toLowerCase());
    return comment?.exceptionId === exceptionId.toLowerCase() && !comment.deletedAt ? comment : undefined;
  },
  save: async (change) => {
    const { basedOn, state, events, notes } = change;
    if (staleOver(t.comments.get(state.id), basedOn)) return stale(change);
    t.comments.set(state.id, state);
    appendHistory(t, events);
    for (const note of notes ?? []) t.dispatches.set(note.id, note);
  },
});

const adjustmentsIn = (t: Tables): AdjustmentStore => ({
  load: async (id) => {
    const adjustment = t.adjustments.get(id.toLowerCase());
    const exception = adjustment && t.exceptions.get(adjustment.exceptionId);
    if (!exception) return undefined;
    const reversal = [...t.adjustments.values()].find(({ reverses }) => reverses === adjustment.id);
    const carried = t.dispatches.has(adjustment.id) && { carried: true as const };
    const policy = policyIn(t);
    return {
      adjustment,
      exception,
      ...(reversal && { reversedBy: reversal.id }),
      ...carried,
      ...(policy && { approvalPolicy: policy }),
    };
  },
});

const dispatchesIn = (t: Tables): DispatchStore => ({
  load: async (id) => {
    const dispatch = t.dispatches.get(id.toLowerCase());
    const exception = dispatch && t.exceptions.get(dispatch.exceptionId);
    if (!exception) return undefined;
    const ticket = dispatch.ticketId && t.dispatches.get(dispatch.ticketId);
    return { dispatch, exception, facts: factsAbout(t, exception.id), ...(ticket && { ticket }) };
  },
  save: async (change) => {
    const { basedOn, state, events, attempt, exception } = change;
    if (staleOver(t.dispatches.get(state.id), basedOn)) return stale(change);
    t.dispatches.set(state.id, state);
    appendHistory(t, events);
    if (attempt) t.attempts.push(attempt);
    if (exception) await exceptionsIn(t).save(exception);
  },
});
