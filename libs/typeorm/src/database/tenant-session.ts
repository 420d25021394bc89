import type { Pool, PoolClient } from 'pg';
import type { Row } from '../entities/entity-schemas';
import type { PgSession } from './pg-session';
import type { OutageReason } from './sql-state';
import { PoolShares, shareLimits } from './pool-shares';
import { readerOf, runOnWire } from './wire-query';

/** An SQL statement. With a name it is prepared: parsed and planned once per session. Without, it is planned for its values. */
export type Statement = Readonly<{ name?: string; text: string }>;

/** A database session that is lent for one piece of work and sees the rows of one tenant. */
export type TenantSession = Readonly<{
  query: (statement: Statement, values: readonly unknown[]) => Promise<Row[]>;
  command: (text: 'BEGIN' | 'COMMIT' | 'ROLLBACK') => Promise<void>;
}>;

/** A session of a host's own data source is the driver's plain client, which has no deadlines. */
export type LentSession = PoolClient & Partial<PgSession>;

/** `wait`: for a session of the pool, set to its tenant. */
export type DatabasePhase = 'wait' | 'statement';
/** Called with how long a part of the work with the database took, and whether it failed; `reason` where that is known. */
export type DatabaseObserver = (
  measured: Readonly<{ phase: DatabasePhase; failed: boolean; seconds: number; reason?: OutageReason }>,
) => void;

/** What is known about a pool and its sessions. */
export type PoolTraits = {
  /** Statements are run by `runOnWire`, since its self-test passed. */
  onWire: boolean;
  /** Where a pooler lends a session for one transaction only: the statement that sets the tenant, $1, in each. */
  setInTransaction?: string;
  observer?: DatabaseObserver;
  /** What each tenant, and heavy work, may hold of the pool. */
  shares: PoolShares;
};

const traitsOfPools = new WeakMap<Pool, PoolTraits>();

/** How long a piece of work waits for its share of the pool: less than for a connection, which comes after it. */
const waitMs = 2500;
const sharesOf = ({ options }: Pool) => new PoolShares(shareLimits(options.max), waitMs);

export function traitsOf(pool: Pool): PoolTraits {
  const traits = traitsOfPools.get(pool) ?? { onWire: false, shares: sharesOf(pool) };
  traitsOfPools.set(pool, traits);
  return traits;
}

const setTenant = `SELECT set_config('redress.tenant', $1, false)`;

/**
 * The tenant that each session was last set to, which is set only when it changes. One map for the process, since its
 * values are facts about sessions, whichever pool lends them.
 */
const tenants = new WeakMap<LentSession, string>();

/** Sets the tenant by a round trip of its own, which also shows whether the session still answers. */
export async function enter(session: LentSession, tenant: string): Promise<void> {
  tenants.delete(session);
  await session.query({ name: 'tenant', text: setTenant, values: [tenant] });
  tenants.set(session, tenant);
}

/** Statements on a session that keeps its tenant: where it changes, it is set in the round trip of the first statement. */
export function sessionSetOnce(session: LentSession, tenant: string, { onWire }: PoolTraits): TenantSession {
  const isSet = () => tenants.get(session) === tenant;
  return {
    query: async (statement, values) => {
      if (isSet())
        return onWire ? runOnWire(session, statement, values) : runByDriver(session, statement, values);
      if (!onWire) {
        await enter(session, tenant);
        return runByDriver(session, statement, values);
      }
      // Until it is answered, and when it fails, nothing is known about the tenant of the session.
      tenants.delete(session);
      const rows = await runOnWire(session, statement, values, { text: setTenant, values: [tenant] });
      tenants.set(session, tenant);
      return rows;
    },
    command: async (text) => {
      // Not within the transaction: a rollback would undo it.
      if (!isSet()) await enter(session, tenant);
      await session.query(text);
    },
  };
}

/**
 * Statements behind a pooler that lends a session for one transaction: each sets the tenant for its own, in one round
 * trip. Nothing is prepared, since the next statement may meet another session.
 */
export function sessionSetEachTime(
  session: LentSession,
  tenant: string,
  setInTransaction: string,
  { onWire }: PoolTraits,
): TenantSession {
  const prelude = { text: setInTransaction, values: [tenant] };
  let inTransaction = false;
  const runAlone = async (text: string, values: readonly unknown[]): Promise<Row[]> => {
    await session.query('BEGIN');
    try {
      await session.query(setInTransaction, [tenant]);
      const rows = await runByDriver(session, { text }, values);
      await session.query('COMMIT');
      return rows;
    } catch (error) {
      await session.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  };
  return {
    query: async ({ text }, values) => {
      if (onWire) return runOnWire(session, { text }, values, prelude);
      return inTransaction ? runByDriver(session, { text }, values) : runAlone(text, values);
    },
    command: async (text) => {
      await session.query(text);
      inTransaction = text === 'BEGIN';
      if (inTransaction && !onWire) await session.query(setInTransaction, [tenant]);
    },
  };
}

/** A statement that is about no tenant. */
export function runForNoTenant(
  session: LentSession,
  { name, text }: Statement,
  { setInTransaction }: PoolTraits,
): Promise<Row[]> {
  return runByDriver(session, { ...(!setInTransaction && name !== undefined && { name }), text }, []);
}

async function runByDriver(
  session: LentSession,
  { name, text }: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const result = await session.query<Row>({
    ...(name !== undefined && { name }),
    text,
    values: [...values],
    types,
  });
  return result.rows;
}

/** Times are read the same way whichever way a statement goes. */
const types = { getTypeParser: readerOf };
