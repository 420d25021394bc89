import { setTimeout as pause } from 'node:timers/promises';
import type { Result, Session, UnitOfWork } from '@redress/domain';
import type { ConnectionTransaction, InboundTransaction } from '@redress/domain/integrations';
import type { EndpointTransaction } from '../../webhook-endpoints/endpoint';
import type { SettingTransaction } from '../../settings/setting';
import { commit, type Write } from './commit';
import { TimeLimit, type Connection, type Connections } from '../database/tenant-pool';
import { ConnectionRows } from '../repositories/connection.repository';
import { EndpointRows } from '../repositories/webhook-endpoint.repository';
import { InboundRows } from '../repositories/inbound-message.repository';
import { PostgresTransaction } from './postgres-transaction';
import { SettingRows, type SettingTable } from '../repositories/setting.repository';
import { isConnectionError, isHeldUp, isReadOnly, sqlState } from '../database/sql-state';

/** Somebody was faster: a row count was missed, a key was taken, the server chose a victim. */
const conflicts = new Set(['RD001', '23505', '40001', '40P01']);
/** After so many lost races, work holds a lock from its first read on, so that it cannot lose another. */
const optimisticAttempts = 3;
const maxAttempts = 10;

export type UnitOfWorkOptions = Readonly<{
  /** How long a reply is kept for its idempotency key, in hours. */
  replyHours: number;
  onRetry?: (() => void) | undefined;
}>;

/** What a transaction has gathered: all of it, and the reply alone, which is what a refusal leaves behind. */
interface Gathered {
  writes(): Write[];
  replyWrites(): Write[];
}

type Beginning = ConstructorParameters<typeof PostgresTransaction>;

/** One read, one write: what is saved is committed as one statement. */
abstract class UnitsOfWork<Tx extends Gathered> {
  constructor(
    private readonly connections: Connections,
    private readonly options: UnitOfWorkOptions,
  ) {}

  protected abstract begin(...beginning: Beginning): Tx;

  async run<T>(session: Session, work: (tx: Tx) => Promise<Result<T>>): Promise<Result<T>> {
    const limit = new TimeLimit();
    let lost = 0;
    for (let attempt = 1; ; attempt++) {
      const progress = { committing: false };
      try {
        const locking = attempt > optimisticAttempts;
        return await this.connections.use(
          session.tenant,
          (c) => this.attempt(c, session, work, locking, progress),
          limit,
        );
      } catch (error) {
        if (isConnectionError(error)) lost++;
        const again = this.worthAnotherTry(error, session, { attempt, lost, ...progress });
        if (!again || limit.isOver()) throw error;
        this.options.onRetry?.();
        await pause(Math.random() * 2 ** Math.min(attempt, 5));
      }
    }
  }

  private async attempt<T>(
    connection: Connection,
    session: Session,
    work: (tx: Tx) => Promise<Result<T>>,
    locking: boolean,
    progress: { committing: boolean },
  ): Promise<Result<T>> {
    const replyExpiry = () => new Date(Date.now() + this.options.replyHours * 3_600_000);
    const tx = this.begin(connection, session, { locking, replyExpiry });
    if (locking) await connection.command('BEGIN');
    try {
      const result = await work(tx);
      const writes: Write[] = result.ok ? tx.writes() : tx.replyWrites();
      if (!session.dryRun && writes.some((write) => write.rows.length > 0)) {
        progress.committing = true;
        await commit(connection, session.tenant, writes);
      }
      if (locking) await connection.command('COMMIT');
      return result;
    } catch (error) {
      if (locking) await connection.command('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /**
   * A lost race is run again. So is, once, a lost connection when nothing was being committed; when something was, its
   * fate is unknown, and only a remembered reply can tell on the second run. A server that refuses to write has
   * committed nothing. A held-up request waits again, but not with a key: it may be this very request that is being
   * committed elsewhere, and there is an answer for that.
   */
  private worthAnotherTry(
    error: unknown,
    session: Session,
    { attempt, lost, committing }: { attempt: number; lost: number; committing: boolean },
  ): boolean {
    const keyed = session.replyKey !== undefined;
    if (conflicts.has(sqlState(error) ?? '')) return attempt < maxAttempts;
    if (isHeldUp(error)) return attempt < maxAttempts && !(committing && keyed);
    return isConnectionError(error) && lost === 1 && (!committing || keyed || isReadOnly(error));
  }
}

/** The desk's: exceptions, disputes, comments. */
export class PostgresUnitOfWork extends UnitsOfWork<PostgresTransaction> implements UnitOfWork {
  protected begin(...beginning: Beginning): PostgresTransaction {
    return new PostgresTransaction(...beginning);
  }
}

/** Of connections to external systems. */
export class ConnectionUnitOfWork
  extends UnitsOfWork<ConnectionRows>
  implements UnitOfWork<ConnectionTransaction>
{
  protected begin(...beginning: Beginning): ConnectionRows {
    return new ConnectionRows(...beginning);
  }
}

/** Of the endpoints that hear of events. */
export class EndpointUnitOfWork extends UnitsOfWork<EndpointRows> implements UnitOfWork<EndpointTransaction> {
  protected begin(...beginning: Beginning): EndpointRows {
    return new EndpointRows(...beginning);
  }
}

/** Of what external systems tell: the message, and what it does to an exception. */
export class InboundUnitOfWork extends UnitsOfWork<InboundRows> implements UnitOfWork<InboundTransaction> {
  protected begin(...beginning: Beginning): InboundRows {
    return new InboundRows(...beginning);
  }
}

/** Of what a tenant lays down. */
export class SettingUnitOfWork<Said>
  extends UnitsOfWork<SettingRows<Said>>
  implements UnitOfWork<SettingTransaction<Said>>
{
  constructor(
    private readonly table: SettingTable,
    ...work: ConstructorParameters<typeof PostgresUnitOfWork>
  ) {
    super(...work);
  }

  protected begin(...beginning: Beginning): SettingRows<Said> {
    return new SettingRows(this.table, ...beginning);
  }
}
