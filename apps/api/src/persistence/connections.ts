import type { Pool, PoolClient, QueryResult } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { readerOf, runPrepared } from './prepared-query';
import type { Row } from './tables';

/** With a name it is prepared: parsed and planned once per connection. Without, it is planned for its values. */
export type Statement = Readonly<{ name?: string; text: string }>;

/** One connection, for as long as one piece of work takes, seeing the rows of one tenant. */
export type Connection = Readonly<{
  query: (statement: Statement, values: readonly unknown[]) => Promise<Row[]>;
  /** For BEGIN, COMMIT and the like. */
  command: (text: string) => Promise<void>;
}>;

const noTenant = '';

/**
 * The tenant each connection was last set to: setting it costs a round trip, so it is done only when it changes.
 * One map for the process, since what it tells is a fact about the connection, whoever hands it out.
 */
const tenants = new WeakMap<PoolClient, string>();

/** Hands out pooled connections, each set to the tenant it is used for. */
export class Connections {
  private constructor(private readonly pool: Pool) {}

  static of(dataSource: DataSource): Connections {
    // TypeORM types its pool as any; for this driver it is a pg Pool.
    return new Connections((dataSource.driver as PostgresDriver).master as Pool);
  }

  async use<T>(tenant: string, work: (connection: Connection) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      await enter(client, tenant);
      return await work(connectionOver(client));
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      // A connection that failed for a reason other than the statement itself must not serve anybody else.
      client.release(failure !== undefined && !isStatementError(failure));
    }
  }

  stats(): { total: number; idle: number; waiting: number } {
    return { total: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }
}

async function enter(client: PoolClient, tenant: string): Promise<void> {
  const current = tenants.get(client);
  if (current === tenant) return;
  // A fatal message from the server on a connection in use ends the process unless somebody listens.
  if (current === undefined) client.on('error', () => undefined);
  tenants.set(client, noTenant);
  await client.query({
    name: 'tenant',
    text: `SELECT set_config('redress.tenant', $1, false)`,
    values: [tenant],
  });
  tenants.set(client, tenant);
}

/** Times are read the same way by statements that are not prepared. */
const types = { getTypeParser: readerOf };

const connectionOver = (client: PoolClient): Connection => ({
  query: async ({ name, text }, values) => {
    if (name !== undefined) return runPrepared(client, name, text, values);
    const result: QueryResult<Row> = await client.query({ text, values: [...values], types });
    return result.rows;
  },
  command: async (text) => {
    await client.query(text);
  },
});

/** The SQLSTATE of an error raised by the server, if it is one. */
export const sqlState = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

/** Somebody else was changing the same thing for longer than a statement waits. */
export const isHeldUp = (error: unknown): boolean => sqlState(error) === '55P03';

/** Classes of SQLSTATE after which the connection is gone: connection exceptions and operator intervention. */
const connectionClasses = new Set(['08', '57']);
const cancelled = '57014';

/** Why no connection is given: too many, no such database, one that is shut, a role or password not accepted. */
const notAdmitted = new Set(['53300', '3D000', '55000', '28000', '28P01']);

/** The server refused the statement and the connection is as good as before. */
export function isStatementError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && (state === cancelled || !connectionClasses.has(state.slice(0, 2)));
}

/** What Node and the driver say without a SQLSTATE when a connection cannot be made, or breaks. */
const socketCodes = /^E(CONN|PIPE|NOTFOUND|TIMEDOUT|HOSTUNREACH|AI_AGAIN|NETUNREACH)/;
const driverMessages =
  /connection terminated|timeout exceeded when trying to connect|not queryable|connection error|after calling end on the pool/i;

/** The database cannot be reached, or the connection to it broke. */
export function isConnectionError(error: unknown): boolean {
  const state = sqlState(error);
  if (state === cancelled) return false;
  if (state !== undefined) return connectionClasses.has(state.slice(0, 2)) || notAdmitted.has(state);
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  return (typeof code === 'string' && socketCodes.test(code)) || driverMessages.test(message);
}
