import type { ApprovalPolicy } from '../resolution/approval-policy';
import type { Comment } from '../comment/comment';
import { isActive, type Dispute } from '../dispute/dispute';
import type { Change, HistoryEvent } from '../change';
import type { Dispatch, DispatchAttempt } from '../dispatch/dispatch';
import type { Adjustment } from '../resolution/adjustment';
import type { ReconException } from '../exception/recon-exception';
import type { ForcedMatch } from '../resolution/forced-match';
import type { ExceptionFacts } from '../exception/exception.rules';
import type { AcceptedReasons } from '../resolution/reason-codes';
import type {
  AdjustmentStore,
  CommentStore,
  DispatchStore,
  DisputeStore,
  ExceptionStore,
  Reply,
  ReplyStore,
  Session,
  Transaction,
  UnitOfWork,
} from '../ports/stores';
import type { Result } from '../result';

/** What one tenant has stored. Values are immutable, so a shallow copy is a snapshot. */
type Tables = Readonly<{
  exceptions: Map<string, ReconException>;
  disputes: Map<string, Dispute>;
  comments: Map<string, Comment>;
  adjustments: Map<string, Adjustment>;
  matches: ForcedMatch[];
  dispatches: Map<string, Dispatch>;
  attempts: DispatchAttempt[];
  history: HistoryEvent[];
  replies: Map<string, Reply>;
  policy: ApprovalPolicy | undefined;
  reasonCodes: AcceptedReasons | undefined;
  ledger: boolean;
}>;

const emptyTables = (): Tables => ({
  exceptions: new Map(),
  disputes: new Map(),
  comments: new Map(),
  adjustments: new Map(),
  matches: [],
  dispatches: new Map(),
  attempts: [],
  history: [],
  replies: new Map(),
  policy: undefined,
  reasonCodes: undefined,
  ledger: false,
});

const copyOf = (t: Tables): Tables => ({
  exceptions: new Map(t.exceptions),
  disputes: new Map(t.disputes),
  comments: new Map(t.comments),
  adjustments: new Map(t.adjustments),
  matches: [...t.matches],
  dispatches: new Map(t.dispatches),
  attempts: [...t.attempts],
  history: [...t.history],
  replies: new Map(t.replies),
  policy: t.policy,
  reasonCodes: t.reasonCodes,
  ledger: t.ledger,
});

/**
 * A whole store in memory, for tests and trials. One unit of work at a time, over a copy of the tenant's tables; the
 * copy takes their place on commit. Do not start one unit of work inside another: it would wait for ever.
 */
export class InMemoryUnitOfWork implements UnitOfWork {
  private readonly tenants = new Map<string, Tables>();
  private turn: Promise<unknown> = Promise.resolve();

  run<T>(session: Session, work: (tx: Transaction) => Promise<Result<T>>): Promise<Result<T>> {
    const mine = this.turn.then(async () => {
      const committed = this.tablesOf(session.tenant);
      const draft = copyOf(committed);
      const result = await work(transactionOver(draft, session.replyKey));
      if (session.dryRun) return result;
      this.tenants.set(session.tenant, result.ok ? draft : { ...committed, replies: draft.replies });
      return result;
    });
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** From now on, what takes approval. */
  approveUnder(tenant: string, policy: ApprovalPolicy): void {
    this.tenants.set(tenant, { ...this.tablesOf(tenant), policy });
  }

  /** From now on, the reason codes that are taken. */
  takeReasons(tenant: string, reasonCodes: AcceptedReasons): void {
    this.tenants.set(tenant, { ...this.tablesOf(tenant), reasonCodes });
  }

  /** From now on, whether the books are kept in a ledger elsewhere. */
  keepBooksElsewhere(tenant: string, ledger = true): void {
    this.tenants.set(tenant, { ...this.tablesOf(tenant), ledger });
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
    return this.tenants.get(tenant) ?? emptyTables();
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
  ...(t.policy && { approvalPolicy: t.policy }),
  ...(t.reasonCodes && { reasonCodes: t.reasonCodes }),
  ...(t.ledger && { ledger: true as const }),
});

const staleOver = (kept: Readonly<{ version: number }> | undefined, basedOn: number): boolean =>
  (kept?.version ?? 0) !== basedOn;

/** One unit of work runs at a time, so only a change that was decided outside of it can be stale. */
const stale = ({ basedOn, state }: Change<Readonly<{ id: string }>>): Promise<never> =>
  Promise.reject(
    new Error(`Version ${basedOn} of ${state.id}, which this change was decided on, is not the present one.`),
  );

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
    t.history.push(...events);
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
    t.history.push(...events);
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
    t.history.push(...events);
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
    const policy = t.policy && { approvalPolicy: t.policy };
    return { adjustment, exception, ...(reversal && { reversedBy: reversal.id }), ...carried, ...policy };
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
    t.history.push(...events);
    if (attempt) t.attempts.push(attempt);
    if (exception) await exceptionsIn(t).save(exception);
  },
});

const repliesIn = (t: Tables, replyKey: string | undefined): ReplyStore => ({
  find: async () => (replyKey === undefined ? undefined : t.replies.get(replyKey)),
  remember: async (reply) => {
    if (replyKey !== undefined) t.replies.set(replyKey, reply);
  },
  settle: async (answer) => {
    const { fingerprint } = (replyKey !== undefined && t.replies.get(replyKey)) || {};
    if (replyKey !== undefined && fingerprint !== undefined) t.replies.set(replyKey, { fingerprint, answer });
  },
});

export { InMemoryConnections } from './connections';
export { InMemoryInbound } from './inbound-messages';
