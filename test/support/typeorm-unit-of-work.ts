import { setTimeout as pause } from 'node:timers/promises';
import type { Result, Session, Transaction, UnitOfWork } from '@redress/domain';
import type { DataSource } from 'typeorm';
import { sqlState } from '../../apps/api/src/persistence/database/sql-state';
import { TypeOrmTransaction } from './typeorm-transaction';

/** A version that is not the expected one, a taken key, a serialization failure, a deadlock. */
const conflicts = new Set(['RD001', '23505', '40001', '40P01']);
const maxAttempts = 20;

/**
 * The unit of work in plain TypeORM: `dataSource.transaction`, repositories and pessimistic locks, one statement for
 * each row. It is slow and easy to read, and keeps the same contract as the one-statement commit of the service, so that
 * each is a check of the other.
 */
export class TypeOrmUnitOfWork implements UnitOfWork {
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: Readonly<{ replyHours: number }>,
  ) {}

  async run<T>(session: Session, work: (tx: Transaction) => Promise<Result<T>>): Promise<Result<T>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(session, work);
      } catch (error) {
        if (attempt === maxAttempts || !conflicts.has(sqlState(error) ?? '')) throw error;
        await pause(Math.random() * 2 ** Math.min(attempt, 6));
      }
    }
  }

  private attempt<T>(session: Session, work: (tx: Transaction) => Promise<Result<T>>): Promise<Result<T>> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(`SELECT set_config('redress.tenant', $1, true)`, [session.tenant]);
      const tx = new TypeOrmTransaction(manager, session, this.options.replyHours);
      const result = await work(tx);
      if (!session.dryRun) await tx.write(result.ok);
      return result;
    });
  }
}
