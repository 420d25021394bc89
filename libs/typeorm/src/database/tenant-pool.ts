import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { setForTransaction, settingsOfStatements, type SessionSettings } from './session-settings';
import { connectIn } from './full-pool';
import type { Weight } from './pool-shares';
import { isConnectionError, isStalePlan, isStatementError, outageReasonOf } from './sql-state';
import {
  enter,
  runForNoTenant,
  sessionSetEachTime,
  sessionSetOnce,
  traitsOf,
  type DatabaseObserver,
  type DatabasePhase,
  type LentSession,
  type Statement,
  type TenantSession,
} from './tenant-session';
import { wireQueryWorks } from './wire-self-test';
import type { Row } from '../entities/entity-schemas';

export type { DatabaseObserver, DatabasePhase, Statement, TenantSession };

/** The time that a piece of work has for all its attempts together, from the first on. */
export class TimeLimit {
  private readonly startedAt = performance.now();
  private end = Infinity;

  /** By the monotonic clock: a statement may take as long as the server lets it, all the rest not much longer. */
  endFor({ statementMs = Infinity }: Readonly<{ statementMs?: number }>): number {
    return (this.end = this.startedAt + statementMs + limitMarginMs);
  }

  /** Whether it is over by now, or in so many milliseconds. */
  isOver(inMs = 0): boolean {
    return performance.now() + inMs >= this.end;
  }
}

/** Milliseconds that a piece of work may take beyond the deadline of one statement, not counting the wait for a session. */
const limitMarginMs = 500;
/** A session that was idle for longer is checked before it is used. */
const validateAfterMs = 1000;
/** The deadline of that check: as long as a new connection may take. */
const validateWithinMs = 3000;

/** The pool of a data source. TypeORM types it as any; for this driver it is a pg Pool. */
export const poolOf = (dataSource: DataSource): Pool => (dataSource.driver as PostgresDriver).master as Pool;

const listening = new WeakSet<Pool>();

/**
 * The pool of a host's data source, for work beside that of TypeORM. What breaks while it is used fails where it is used;
 * without a listener it would end the process.
 */
export function hostPoolOf(dataSource: DataSource): Pool {
  const pool = poolOf(dataSource);
  if (!listening.has(pool)) pool.on('connect', (client) => client.on('error', () => undefined));
  listening.add(pool);
  return pool;
}

/** Pool of database sessions, each set to the tenant that it is lent for (row-level security). */
export class TenantPool {
  private constructor(private readonly pool: Pool) {}

  /** The pool under a data source of TypeORM for PostgreSQL. */
  static of(dataSource: DataSource): TenantPool {
    return new TenantPool(poolOf(dataSource));
  }

  /**
   * Says that a pooler lends the sessions of this pool for one transaction only, with these settings for each.
   *
   * @internal
   */
  shareSessions(settings: SessionSettings = settingsOfStatements): this {
    traitsOf(this.pool).setInTransaction = setForTransaction(settings);
    return this;
  }

  /**
   * Has statements run by `runOnWire` where its self-test passes on a session; answers whether it did.
   *
   * @internal
   */
  async chooseFastPath(): Promise<boolean> {
    const traits = traitsOf(this.pool);
    const session = await this.checkOut(new TimeLimit(), async (lent) => {
      traits.onWire = await wireQueryWorks(lent, traits.setInTransaction ? undefined : 'self_test');
    });
    // A session of which the test failed may be in the middle of a statement.
    release(session, traits.onWire ? undefined : new Error('the self-test failed'));
    return traits.onWire;
  }

  /**
   * Runs `work` on a session that sees the rows of one tenant. Each statement is answered, or fails, within the limit. Fails
   * with one of `busyStates` when the tenant has as many under way as it may.
   *
   * @internal
   */
  async use<T>(
    tenant: string,
    work: (session: TenantSession) => Promise<T>,
    limit = new TimeLimit(),
    weight: Weight = 'light',
  ): Promise<T> {
    const { shares } = traitsOf(this.pool);
    const waiting = shares.take(tenant, weight);
    if (waiting) await this.timed('wait', () => waiting);
    try {
      return await this.onSession(tenant, work, limit);
    } finally {
      shares.give(tenant, weight);
    }
  }

  private async onSession<T>(
    tenant: string,
    work: (session: TenantSession) => Promise<T>,
    limit: TimeLimit,
  ): Promise<T> {
    for (;;) {
      const progress = { answered: false };
      try {
        return await this.useOnce(tenant, work, limit, progress);
      } catch (error) {
        // Each session that planned it before a migration is closed, so that this comes to an end.
        if (!isStalePlan(error) || progress.answered || limit.isOver()) throw error;
      }
    }
  }

  private async useOnce<T>(
    tenant: string,
    work: (session: TenantSession) => Promise<T>,
    limit: TimeLimit,
    progress: { answered: boolean },
  ): Promise<T> {
    const traits = traitsOf(this.pool);
    const { setInTransaction } = traits;
    const session = await this.timed('wait', () =>
      this.checkOut(limit, async (lent, stale) => {
        if (stale && setInTransaction !== undefined) await lent.query('SELECT');
        else if (stale) await enter(lent, tenant);
      }),
    );
    let failure: unknown;
    try {
      const { query, command } =
        setInTransaction === undefined
          ? sessionSetOnce(session, tenant, traits)
          : sessionSetEachTime(session, tenant, setInTransaction, traits);
      return await work({
        query: async (statement, values) => {
          const rows = await this.timed('statement', () => query(statement, values));
          progress.answered = true;
          return rows;
        },
        command,
      });
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      release(session, failure);
    }
  }

  /**
   * Runs a statement that is about no tenant. Where its answer says so, the pool leaves the server that gave it.
   *
   * @internal
   */
  async ask(statement: Statement, isWrongServer: (rows: readonly Row[]) => boolean): Promise<Row[]> {
    let rows: Row[] = [];
    const session = await this.checkOut(new TimeLimit(), async (lent) => {
      rows = await runForNoTenant(lent, statement, traitsOf(this.pool));
    });
    if (isWrongServer(rows)) session.leaveServer?.('asked');
    release(session, undefined);
    return rows;
  }

  /** Calls an observer after every wait for a session and of every statement of this pool; for metrics. */
  observe(observer: DatabaseObserver): void {
    traitsOf(this.pool).observer = observer;
  }

  /** How many connections the pool has, how many of them are idle, and how many requests wait for one. */
  stats(): { total: number; idle: number; waiting: number } {
    return { total: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  private async timed<T>(phase: DatabasePhase, work: () => Promise<T>): Promise<T> {
    const { observer } = traitsOf(this.pool);
    if (!observer) return work();
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    try {
      const result = await work();
      observer({ phase, failed: false, seconds: seconds() });
      return result;
    } catch (error) {
      const reason = outageReasonOf(error);
      observer({ phase, failed: true, seconds: seconds(), ...(reason && { reason }) });
      throw error;
    }
  }

  /**
   * A session on which `first` has succeeded. A stale one may have been lost unnoticed: it has to answer
   * soon, and when it does not, nothing has been done yet, and another takes its place.
   */
  private async checkOut(
    limit: TimeLimit,
    first: (session: LentSession, stale: boolean) => Promise<void>,
  ): Promise<LentSession> {
    for (let attempt = 1; ; attempt++) {
      const session = await connectIn(this.pool);
      const now = performance.now();
      const end = limit.endFor(session);
      const stale = now - (session.lastAnswerAt ?? now) > validateAfterMs;
      session.endBy?.(stale ? Math.min(end, now + validateWithinMs) : end);
      try {
        await first(session, stale);
        session.endBy?.(end);
        return session;
      } catch (error) {
        release(session, error);
        if (!stale || attempt > 1 || !isConnectionError(error)) throw error;
      }
    }
  }
}

function release(session: LentSession, failure: unknown): void {
  session.endBy?.(Infinity);
  // After an error that was not the statement's own, what the session is in the middle of is not known.
  session.release(failure !== undefined && !isStatementError(failure));
}
