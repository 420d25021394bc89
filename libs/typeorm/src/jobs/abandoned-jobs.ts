import type { Pool } from 'pg';

/** Longer than any job takes. One that takes longer all the same is run twice, which every task has to bear anyway. */
const abandonedMs = 2 * 60_000;

/**
 * Jobs that stay locked although they have no process any more that `redress_beat` knew: those of an earlier version. They
 * would otherwise wait hours for the engine to notice. What was put in their place meanwhile stays, and they go.
 */
export async function releaseAbandonedJobs(pool: Pick<Pool, 'query'>, afterMs = abandonedMs): Promise<void> {
  await pool.query(
    `WITH abandoned AS (
       SELECT id, attempts >= max_attempts AS replaced FROM graphile_worker._private_jobs
       WHERE locked_at < now() - $1 * interval '1 ms' FOR UPDATE SKIP LOCKED
     ), gone AS (
       DELETE FROM graphile_worker._private_jobs j USING abandoned a WHERE j.id = a.id AND a.replaced
     )
     UPDATE graphile_worker._private_jobs j SET locked_at = NULL, locked_by = NULL
     FROM abandoned a WHERE j.id = a.id AND NOT a.replaced`,
    [afterMs],
  );
}
