import type { Pool, PoolClient, QueryResult } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import type { PgSession } from './pg-session';
import { readerOf, runPrepared } from './prepared-query';
import { isConnectionError, isStatementError } from './sql-state';
import type { Row } from '../entities/entity-schemas';

/** With a name it is prepared: parsed and planned once per connection. Without, it is planned for its values. */
export type Statement = Readonly<{ name?: string; text: string }>;

/** One connection, for as long as one piece of work takes, seeing the rows of one tenant. */
export type Connection = Readonly<{
  query: (statement: Statement, values: readonly unknown[]) => Promise<Row[]>;
  /** For BEGIN, COMMIT and the like. */
  command: (text: string) => Promise<void>;
}>;

/** The time that a piece of work has for all its attempts together, from the first on. */
export class TimeLimit {
  private readonly startedAt = performance.now();
  private end = Infinity;

  /** By the monotonic clock: a statement may take as long as the server lets it, all the rest not much longer. */
  endFor({ statementMs }: Pick<PgSession, 'statementMs'>): number {
    return (this.end = this.startedAt + statementMs + limitMarginMs);
  }

  isOver(): boolean {
    return performance.now() >= this.end;
  }
}

/** What a piece of work may take beyond one statement's deadline, waiting for a connection at its end apart. */
const limitMarginMs = 500;
/** A session that has been idle for longer is asked for a sign of life before it is used. */
const validateAfterMs = 1000;
/** The sign of life: as long as a new connection may take. */
const validateWithinMs = 3000;

const noTenant = '';

type Session = PgSession & PoolClient;

/**
 * The tenant each connection was last set to: setting it costs a round trip, so it is done only when it changes.
 * One map for the process, since what it tells is a fact about the connection, whoever hands it out.
 */
const tenants = new WeakMap<Session, string>();

/** Hands out pooled connections, each set to the tenant it is used for. */
export class Connections {
  private constructor(private readonly pool: Pool) {}

  static of(dataSource: DataSource): Connections {
    // TypeORM types its pool as any; for this driver it is a pg Pool.
    return new Connections((dataSource.driver as PostgresDriver).master as Pool);
  }

  /** What `work` asks of the database is answered, or fails, within the limit. */
  async use<T>(
    tenant: string,
    work: (connection: Connection) => Promise<T>,
    limit = new TimeLimit(),
  ): Promise<T> {
    const session = await this.checkOut(limit, (lent, stale) => enter(lent, tenant, stale));
    let failure: unknown;
    try {
      return await work(connectionOver(session));
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      release(session, failure);
    }
  }

  /** Runs a statement that is about no tenant. Where its answer says so, the pool leaves the server that gave it. */
  async ask(statement: Statement, isWrongServer: (rows: readonly Row[]) => boolean): Promise<Row[]> {
    let rows: Row[] = [];
    const session = await this.checkOut(new TimeLimit(), async (lent) => {
      rows = await connectionOver(lent).query(statement, []);
    });
    if (isWrongServer(rows)) session.leaveServer('asked');
    release(session, undefined);
    return rows;
  }

  stats(): { total: number; idle: number; waiting: number } {
    return { total: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  /**
   * A session on which the first statement has succeeded. A stale one may have been lost unnoticed: it has to answer
   * soon, and when it does not, nothing has been done yet, and another takes its place.
   */
  private async checkOut(
    limit: TimeLimit,
    first: (session: Session, stale: boolean) => Promise<void>,
  ): Promise<Session> {
    for (let attempt = 1; ; attempt++) {
      const session = (await this.pool.connect()) as Session;
      const now = performance.now();
      const end = limit.endFor(session);
      const stale = now - session.lastAnswerAt > validateAfterMs;
      session.endBy(stale ? Math.min(end, now + validateWithinMs) : end);
      try {
        await first(session, stale);
        session.endBy(end);
        return session;
      } catch (error) {
        release(session, error);
        if (!stale || attempt > 1 || !isConnectionError(error)) throw error;
      }
    }
  }
}

function release(session: Session, failure: unknown): void {
  session.endBy(Infinity);
  // After an error that was not the statement's own, what the session is in the middle of is not known.
  session.release(failure !== undefined && !isStatementError(failure));
}

async function enter(session: Session, tenant: string, stale: boolean): Promise<void> {
  if (tenants.get(session) === tenant && !stale) return;
  tenants.set(session, noTenant);
  await session.query({
    name: 'tenant',
    text: `SELECT set_config('redress.tenant', $1, false)`,
    values: [tenant],
  });
  tenants.set(session, tenant);
}

/** Times are read the same way by statements that are not prepared. */
const types = { getTypeParser: readerOf };

const connectionOver = (session: Session): Connection => ({
  query: async ({ name, text }, values) => {
    if (name !== undefined) return runPrepared(session, name, text, values);
    const result = (await session.query({ text, values: [...values], types })) as QueryResult<Row>;
    return result.rows;
  },
  command: async (text) => {
    await session.query(text);
  },
});
