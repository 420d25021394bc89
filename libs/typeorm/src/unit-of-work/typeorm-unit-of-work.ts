import type { ReplyStore, Result, Session, UnitOfWork } from '@redress/domain';
import type { DataSource } from 'typeorm';
import { poolOf } from '../database/tenant-pool';
import { traitsOf } from '../database/tenant-session';
import { ReplyRepository } from './reply.repository';
import { TenantRows } from './tenant-rows';
import { replyExpiryOf, runWithRetries, type UnitOfWorkOptions } from './run-with-retries';

const setTenant = `SELECT set_config('redress.tenant', $1, true)`;

/** What the repositories of one transaction work with. */
export type Scope = Readonly<{
  rows: TenantRows;
  replies: ReplyStore;
  /** Defers a write until the work was accepted; writes keep their order. */
  onAccept: (write: () => Promise<unknown>) => void;
}>;

/**
 * A unit of work in plain TypeORM, for what is written rarely: `dataSource.transaction`, repositories, pessimistic locks.
 * Exceptions and all that belongs to them are committed by one statement instead (`PostgresUnitOfWork`).
 */
export class TypeOrmUnitOfWork<Tx> implements UnitOfWork<Tx> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: UnitOfWorkOptions,
    private readonly transactionOver: (scope: Scope) => Tx,
  ) {}

  run<T>(session: Session, work: (tx: Tx) => Promise<Result<T>>): Promise<Result<T>> {
    const { tenant, replyKey, dryRun } = session;
    return runWithRetries(session, this.options, (attempt) =>
      this.dataSource.transaction(async (manager) => {
        await manager.query(traitsOf(poolOf(this.dataSource)).setInTransaction ?? setTenant, [tenant]);
        const rows = new TenantRows(manager, tenant);
        const replies = new ReplyRepository(rows, replyKey, () => replyExpiryOf(this.options));
        const writes: (() => Promise<unknown>)[] = [];
        const tx = this.transactionOver({ rows, replies, onAccept: (write) => writes.push(write) });
        const result = await work(tx);
        if (dryRun) return result;
        attempt.committing = true;
        if (result.ok) for (const write of writes) await write();
        // A refusal keeps its reply as well.
        await replies.write();
        return result;
      }),
    );
  }
}
