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

/** Everything the domain asks of the outside world. */
export type Ports<Tx = Transaction> = Readonly<{
  uow: UnitOfWork<Tx>;
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
  run<T>(session: Session, work: (tx: Tx) => Promise<Result<T>>): Promise<Result<T>>;
}

export interface Transaction {
  readonly exceptions: ExceptionStore;
  readonly disputes: DisputeStore;
  readonly comments: CommentStore;
  readonly dispatches: DispatchStore;
  readonly adjustments: AdjustmentStore;
  readonly replies: ReplyStore;
}

export type LoadedException = Readonly<{ exception: ReconException; facts: ExceptionFacts }>;
/** `facts` are those of its exception, so an active dispute is itself among `activeDisputes`. */
export type LoadedDispute = Readonly<{ dispute: Dispute; facts: ExceptionFacts }>;

/** `ticket`: the dispatch a note belongs to. `facts` are those of its exception. */
export type LoadedDispatch = LoadedException & Readonly<{ dispatch: Dispatch; ticket?: Dispatch }>;

/** What tells one unresolved exception of a tenant from another. */
export type Identity = Pick<ReconException, 'transactionId' | 'reason'>;

export interface ExceptionStore {
  load(id: string): Promise<LoadedException | undefined>;
  /** Those of the ids that there are, in whatever letter case, each once, in any order. Any text may be asked for. */
  loadAll(ids: readonly string[]): Promise<readonly LoadedException[]>;
  /** The unresolved exceptions with these identities, in any order; at most one for each. Any text may be asked for. */
  unresolved(identities: readonly Identity[]): Promise<readonly ReconException[]>;
  /**
   * Writes the state, its events and the rows that came with them. Schedules the job that looks at the exception when
   * the `deadline` of its change has come.
   */
  save(change: ExceptionChange): Promise<void>;
}

export interface DisputeStore {
  load(id: string): Promise<LoadedDispute | undefined>;
  /** Writes the state and its evidence, and appends its events to the history of its exception. */
  save(change: DisputeChange): Promise<void>;
}

export interface CommentStore {
  /** The comment of this exception, unless it was deleted. */
  load(exceptionId: string, id: string): Promise<Comment | undefined>;
  /** Writes the comment, and appends its events to the history of its exception. */
  save(change: CommentChange): Promise<void>;
}

/** With the exception it was posted for, and the reversal that takes it back. */
export type LoadedAdjustment = Readonly<{
  adjustment: Adjustment;
  exception: ReconException;
  reversedBy?: string;
  /** A ledger was told of it: there is a posting with its id. */
  carried?: true;
  /** What the tenant has approved by more than one person now. */
  approvalPolicy?: ApprovalPolicy;
}>;

/** They are saved with their exceptions, and never changed. No two may reverse the same one. */
export interface AdjustmentStore {
  load(id: string): Promise<LoadedAdjustment | undefined>;
}

export interface DispatchStore {
  load(id: string): Promise<LoadedDispatch | undefined>;
  /**
   * Writes the state, its attempt, what it did to the exception, and appends the events to the history of that. Schedules
   * the job that looks at the dispatch when its `nextAttemptAt` has come, also of one that was saved with an exception.
   */
  save(change: DispatchChange): Promise<void>;
}

/**
 * What was answered to an idempotency key; `answer` is text that only the caller understands. Until `provisionalUntil`
 * the request is still being answered, and what is kept is what would be said if it were not heard of again.
 */
export type Reply = Readonly<{ fingerprint: string; answer: string; provisionalUntil?: Timestamp }>;

/** The reply to the session's `replyKey`, in the same unit of work as the effect it tells of. */
export interface ReplyStore {
  find(): Promise<Reply | undefined>;
  /** Keeps the reply. Of several units of work with one key, one commits; the others run again and find its reply. */
  remember(reply: Reply): Promise<void>;
  /** Replaces a provisional answer by the final one. Does not commit when it is provisional no more. */
  settle(answer: string): Promise<void>;
}
