import type { HistoryEvent } from '../change';
import type { Comment } from '../comment/comment';
import type { Dispatch, DispatchAttempt } from '../dispatch/dispatch';
import type { Session, Transaction, UnitOfWork } from '../ports/stores';
import type { Adjustment } from '../resolution/adjustment';
import type { ApprovalPolicy } from '../resolution/approval-policy';
import type { ForcedMatch } from '../resolution/forced-match';
import type { AcceptedReasons } from '../resolution/reason-codes';
import type { Result } from '../result';
import { InMemoryDatabase } from './database';
import { transactionOver } from './stores';
import type { Tables } from './tables';

/**
 * A store in memory, for tests and trials. It runs one unit of work at a time, over a copy of the tenant's tables, which
 * replaces them on commit. Do not start one unit of work inside another: it would wait forever.
 */
export class InMemoryUnitOfWork implements UnitOfWork {
  /** Other units of work and reads share it. */
  constructor(readonly database: InMemoryDatabase = new InMemoryDatabase()) {}

  run<T>(session: Session, work: (tx: Transaction) => Promise<Result<T>>): Promise<Result<T>> {
    return this.database.run(session, transactionOver, work);
  }

  /** Sets the approval policy. */
  approveUnder(tenant: string, policy: ApprovalPolicy): void {
    this.database.set(tenant, { policy });
  }

  /** Sets the accepted reason codes. */
  takeReasons(tenant: string, reasonCodes: AcceptedReasons): void {
    this.database.set(tenant, { reasonCodes });
  }

  /** Sets whether the books are kept in an external ledger. */
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

  /** The adjustments of an exception, in the order in which they were posted. */
  adjustments(tenant: string, exceptionId: string): readonly Adjustment[] {
    return [...this.tablesOf(tenant).adjustments.values()].filter((row) => row.exceptionId === exceptionId);
  }

  /** The forced match of an exception; one at most. */
  forcedMatches(tenant: string, exceptionId: string): readonly ForcedMatch[] {
    return this.tablesOf(tenant).matches.filter((row) => row.exceptionId === exceptionId);
  }

  /** The dispatches of a tenant, in the order in which they were reserved. */
  dispatches(tenant: string): readonly Dispatch[] {
    return [...this.tablesOf(tenant).dispatches.values()];
  }

  /** The attempts of a dispatch, oldest first. */
  attempts(tenant: string, dispatchId: string): readonly DispatchAttempt[] {
    return this.tablesOf(tenant).attempts.filter((attempt) => attempt.dispatchId === dispatchId);
  }

  private tablesOf(tenant: string): Tables {
    return this.database.tablesOf(tenant);
  }
}
