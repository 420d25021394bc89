import type { Result, Session, Transaction, UnitOfWork } from '@redress/domain';
import { commit, type Write } from './commit';
import type { TenantSession, TenantPool } from '../database/tenant-pool';
import { PostgresTransaction } from './postgres-transaction';
import { RowBusy, RowGates, turnWithinMs } from './row-gates';
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
  private readonly gates = new RowGates();

  constructor(
    private readonly pool: TenantPool,
    private readonly options: UnitOfWorkOptions,
  ) {}

  protected abstract begin(...beginning: Beginning): Tx & Gathered;

  run<T>(session: Session, work: (tx: Tx) => Promise<Result<T>>): Promise<Result<T>> {
    const end = performance.now() + turnWithinMs;
    return runWithRetries(session, this.options, async (attempt, limit) => {
      for (let late = false; ;) {
        try {
          return await this.pool.use(session.tenant, (c) => this.attempt(c, session, work, attempt), limit);
        } catch (error) {
          if (!(error instanceof RowBusy) || late) throw error;
          late = !(await this.gates.turn(error.row, end - performance.now()));
        }
      }
    });
  }

  private async attempt<T>(
    pg: TenantSession,
    session: Session,
    work: (tx: Tx) => Promise<Result<T>>,
    attempt: Attempt,
  ): Promise<Result<T>> {
    const locking = attempt.number > optimisticAttempts;
    const replyExpiry = () => replyExpiryOf(this.options);
    const entered = new Set<string>();
    const about = (id: string): void => {
      const row = `${session.tenant} ${id.toLowerCase()}`;
      if (entered.has(row)) return;
      if (!this.gates.enter(row)) throw new RowBusy(row);
      entered.add(row);
    };
    const tx = this.begin(pg, session, { locking, replyExpiry, about });
    try {
      if (locking) await pg.command('BEGIN');
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
    } finally {
      for (const row of entered) this.gates.leave(row);
    }
  }
}

/** The desk's: exceptions, disputes, comments, dispatches, adjustments. */
export class PostgresUnitOfWork extends OneStatementUnitOfWork<Transaction> implements UnitOfWork {
  protected begin(...beginning: Beginning): PostgresTransaction {
    return new PostgresTransaction(...beginning);
  }
}
