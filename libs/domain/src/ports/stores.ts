import type { Comment, CommentChange } from '../comment/comment';
import type { Dispatch } from '../dispatch/dispatch';
import type { DispatchChange } from '../outcome/decide-outcome';
import type { Dispute, DisputeChange } from '../dispute/dispute';
import type { ExceptionChange } from '../exception/exception.change';
import type { Adjustment } from '../resolution/adjustment';
import type { ApprovalPolicy } from '../resolution/approval-policy';
import type { ReconException } from '../exception/recon-exception';
import type { ExceptionFacts } from '../exception/exception.facts';
import type { Result } from '../result';
import type { Timestamp } from '../value/timestamp';

/** The ports of a desk: all that the domain needs of its host. */
export type Ports<Tx = Transaction> = Readonly<{
  uow: UnitOfWork<Tx>;
  /** The present time. */
  clock: () => Date;
  /** UUIDv7 (RFC 9562), so that ids sort by time; a store may refuse ids that are no UUIDs. */
  newId: () => string;
}>;

/** For whom a unit of work runs, and the idempotency key it answers, if any. */
export type Session = Readonly<{
  tenant: string;
  replyKey?: string;
  /** Nothing is written, not even a reply: to see what would come of it. */
  dryRun?: true;
}>;

/**
 * Runs `work` atomically; `./testing` has a case for each of these sentences.
 * Saved changes and the remembered reply are committed together when `work` returns ok. When it refuses, the reply
 * alone is kept; when it throws, nothing is. When another unit of work was faster, `work` runs again on what that left,
 * so it must have no effects of its own. Nothing of another tenant can be seen or written.
 */
export interface UnitOfWork<Tx = Transaction> {
  /**
   * Runs `work` in one transaction of the session's tenant and returns its result. Throws what `work` throws, and when
   * the store cannot be reached.
   */
  run<T>(session: Session, work: (tx: Tx) => Promise<Result<T>>): Promise<Result<T>>;
}

/** The stores of one unit of work, one for each aggregate. */
export interface Transaction {
  readonly exceptions: ExceptionStore;
  readonly disputes: DisputeStore;
  readonly comments: CommentStore;
  readonly dispatches: DispatchStore;
  readonly adjustments: AdjustmentStore;
  readonly replies: ReplyStore;
}

/** An exception with the facts that decisions about it depend on. */
export type LoadedException = Readonly<{ exception: ReconException; facts: ExceptionFacts }>;
/** `facts` are those of its exception, so an active dispute is itself among `activeDisputes`. */
export type LoadedDispute = Readonly<{ dispute: Dispute; facts: ExceptionFacts }>;

/** `ticket`: the dispatch a note belongs to. `facts` are those of its exception. */
export type LoadedDispatch = LoadedException & Readonly<{ dispatch: Dispatch; ticket?: Dispatch }>;

/**
 * The identity of an unresolved exception of a tenant: two with the same identity are the same exception. Transactions
 * are compared in any letter case, reasons by `textKey`.
 */
export type Identity = Pick<ReconException, 'transactionId' | 'reason'>;

/** Exceptions of one tenant, in one unit of work. */
export interface ExceptionStore {
  /** The exception with this id; undefined when the tenant has none. Any text may be asked for. */
  load(id: string): Promise<LoadedException | undefined>;
  /** Those of the ids that there are, in whatever letter case, each once, in any order. Any text may be asked for. */
  loadAll(ids: readonly string[]): Promise<readonly LoadedException[]>;
  /** The unresolved exceptions with these identities, in any order; at most one for each. Any text may be asked for. */
  unresolved(identities: readonly Identity[]): Promise<readonly ReconException[]>;
  /**
   * For each identity the unresolved exception, or else the one that was resolved last; each once, in any order. Any text
   * may be asked for.
   */
  latest(identities: readonly Identity[]): Promise<readonly ReconException[]>;
  /**
   * Writes the state, its events and the rows that came with them. Schedules the job that looks at the exception when
   * the `deadline` of its change has come.
   */
  save(change: ExceptionChange): Promise<void>;
}

/** Disputes of one tenant, in one unit of work. */
export interface DisputeStore {
  /** The dispute with this id; undefined when the tenant has none. Any text may be asked for. */
  load(id: string): Promise<LoadedDispute | undefined>;
  /** Writes the state and its evidence, and appends its events to the history of its exception. */
  save(change: DisputeChange): Promise<void>;
}

/** Comments of one tenant, in one unit of work. */
export interface CommentStore {
  /** The comment of this exception, unless it was deleted. */
  load(exceptionId: string, id: string): Promise<Comment | undefined>;
  /** Writes the comment, and appends its events to the history of its exception. */
  save(change: CommentChange): Promise<void>;
}

/** An adjustment with the exception that it was posted for, and the facts that its reversal depends on. */
export type LoadedAdjustment = Readonly<{
  adjustment: Adjustment;
  exception: ReconException;
  reversedBy?: string;
  /** A posting with its id was sent to an external ledger. */
  carried?: true;
  /** The tenant's present approval policy. */
  approvalPolicy?: ApprovalPolicy;
}>;

/**
 * Adjustments of one tenant, in one unit of work. They are saved with their exceptions and never changed. No two may
 * reverse the same one.
 */
export interface AdjustmentStore {
  /** The adjustment with this id; undefined when the tenant has none. Any text may be asked for. */
  load(id: string): Promise<LoadedAdjustment | undefined>;
}

/** Dispatches of one tenant, in one unit of work. */
export interface DispatchStore {
  /** The dispatch with this id; undefined when the tenant has none. Any text may be asked for. */
  load(id: string): Promise<LoadedDispatch | undefined>;
  /**
   * Writes the state, its attempt, what it did to the exception, and appends the events to the history of that. Schedules
   * the job that looks at the dispatch when its `nextAttemptAt` has come, also of one that was saved with an exception.
   */
  save(change: DispatchChange): Promise<void>;
}

/**
 * The reply that is kept for an idempotency key; `answer` is text that only the caller understands. Until
 * `provisionalUntil` the request is still being answered, and `answer` is what is sent if no other answer follows.
 */
export type Reply = Readonly<{ fingerprint: string; answer: string; provisionalUntil?: Timestamp }>;

/** The reply to the session's `replyKey`, kept in the same unit of work as the effect that it reports. */
export interface ReplyStore {
  /** The reply that is kept for the key; undefined when there is none, or when the session has no key. */
  find(): Promise<Reply | undefined>;
  /** Keeps the reply. Of several units of work with one key, one commits; the others run again and find its reply. */
  remember(reply: Reply): Promise<void>;
  /** Replaces a provisional answer by the final one. Does not commit when it is provisional no more. */
  settle(answer: string): Promise<void>;
}
