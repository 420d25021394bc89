import type { Pool } from 'pg';
import { busyStates } from './pool-shares';
import { isConnectionError } from './sql-state';
import type { LentSession } from './tenant-session';

const isTimeout = /timeout exceeded when trying to connect/i;

/**
 * A session of the pool. The driver reports a pool whose connections are all in use like a database that cannot be reached;
 * here the first fails with `busyStates.all`.
 */
export async function connectIn(pool: Pool): Promise<LentSession> {
  try {
    return (await pool.connect()) as LentSession;
  } catch (error) {
    const { totalCount, idleCount, options } = pool;
    const isFull = idleCount === 0 && totalCount >= options.max;
    if (!isFull || !isConnectionError(error) || !isTimeout.test(String(error))) throw error;
    throw Object.assign(new Error('all connections are in use', { cause: error }), { code: busyStates.all });
  }
}
