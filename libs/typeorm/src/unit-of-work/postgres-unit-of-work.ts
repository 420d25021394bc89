import type { Result, Session, Transaction, UnitOfWork } from '@redress/domain';
import { commit, type Write } from './commit';
import type { TenantSession, TenantPool } from '../database/tenant-pool';
import { PostgresTransaction } from './postgres-transaction';
import { replyExpiryOf, runWithRetries, type Attempt, type UnitOfWorkOptions } from './run-with-retries';

export type { UnitOfWorkOptions };

/** After so many lost races, work holds a lock from its first read on, so that it cannot lose another. */
const optimisticAttempts = 3;

/** What a transaction has gathered: all of it, and the reply alone, which is what a refusal leaves behind. */
interface Gathered {
  writes(): Write[];
  replyWrites(): Write[];
}

/** What a transaction begins with. */
export type Beginning = ConstructorParameters<typeof PostgresTransaction>;

/** One read, one write: what is saved is committed as one statement. */
export abstract class OneStatementUnitOfWork<Tx> {
  constructor(
    private readonly pool: TenantPool,
    private readonly options: UnitOfWorkOptions,
  ) {}

  protected abstract begin(...beginning: Beginning): Tx & Gathered;

  run<T>(session: Session, work: (tx: Tx) => Promise<Result<T>>): Promise<Result<T>> {
    return runWithRetries(session, this.options, (attempt, limit) =>
      this.pool.use(session.tenant, (c) => this.attempt(c, session, work, attempt), limit),
    );
  }

  private async attempt<T>(
    pg: TenantSession,
    session: Session,
    work: (tx: Tx) => Promise<Result<T>>,
    attempt: Attempt,
  ): Promise<Result<T>> {
    const locking = attempt.number > optimisticAttempts;
    const replyExpiry = () => replyExpiryOf(this.options);
    const tx = this.begin(pg, session, { locking, replyExpiry });
    if (locking) await pg.command('BEGIN');
    try {
      const result = await work(tx);
      const writes: Write[] = result.ok ? tx.writes() : tx.replyWrites();
      if (!session.dryRun && writes.some((write) => write.rows.length > 0)) {
        attempt.committing = true;
        await commit(pg, session.tenant, writes);
      }
      if (locking) await pg.command('COMMIT');
      return result;
    } catch (error) {
      if (locking) await pg.command('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

/** The desk's: exceptions, disputes, comments, dispatches, adjustments. */
export class PostgresUnitOfWork extends OneStatementUnitOfWork<Transaction> implements UnitOfWork {
  protected begin(...beginning: Beginning): PostgresTransaction {
    return new PostgresTransaction(...beginning);
  }
}
