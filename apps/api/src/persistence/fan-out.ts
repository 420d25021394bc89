import { sourceOf } from './row-source';
import { typeOf } from './tables';

/** The job that sends what is next in a lane: what one endpoint hears of one exception. */
export const deliverTask = 'deliver';

const jobAttempts = 25;

/** Of a lane: what its job says, and the key that keeps it from having two. */
const payload = (lane: string): string =>
  `json_build_object('tenant', $1::text, 'id', ${lane}.endpoint_id || '.' || ${lane}.exception_id)`;
const key = (lane: string): string =>
  `'${deliverTask}:' || ${lane}.endpoint_id || '.' || ${lane}.exception_id`;

/** A job for the lane, as the engine takes it. Columns `endpoint_id` and `exception_id` of `lane` tell which. */
export const laneJob = (lane: string, runAt: string): string =>
  `ROW('${deliverTask}', ${payload(lane)}, NULL, ${runAt}, ${jobAttempts}, ${key(lane)}, NULL, NULL)::graphile_worker.job_spec`;

type Parts = Readonly<{ parts: readonly string[]; missed: string }>;

/** The columns of history that are needed here are its first ones. */
const columns = ['exception_id', 'seq', 'id', 'type', 'at'] as const;

/**
 * Lines of history become deliveries to the tenant's endpoints, and lanes get a job each, in the statement that writes
 * the lines. `first` is the parameter of history's first column. A disabled endpoint is not told, but can be later.
 * `missed` is below zero where the job of a lane began while the engine was about to make another: the commit is run
 * again then.
 */
export function fanOut(first: number, many: boolean): Parts {
  const types = columns.map((column) => typeOf('history', column));
  const source = sourceOf(columns, types, first, many);
  return {
    parts: [
      `deliveries AS (
        INSERT INTO delivery (tenant_id, endpoint_id, event_id, exception_id, seq, type, state, attempts, attempts_before,
          next_attempt_at, created_at)
        SELECT $1, e.id, x.id, x.exception_id, x.seq, x.type, CASE e.state WHEN 'ENABLED' THEN 'PENDING' ELSE 'SKIPPED' END,
          0, 0, CASE e.state WHEN 'ENABLED' THEN x.at END, x.at
        FROM webhook_endpoint e JOIN ${source} ON e.events IS NULL OR e.events::jsonb ? x.type
        WHERE e.tenant_id = $1 AND e.deleted_at IS NULL
        RETURNING endpoint_id, exception_id, state)`,
      `lanes AS (SELECT DISTINCT endpoint_id, exception_id FROM deliveries WHERE state = 'PENDING')`,
      `rung AS (
        SELECT 1 FROM (SELECT array_agg(${laneJob('l', 'NULL')} ORDER BY endpoint_id, exception_id) AS jobs FROM lanes l
          HAVING count(*) > 0) j, graphile_worker.add_jobs(j.jobs))`,
    ],
    missed: '(SELECT count(*) FROM rung) - (SELECT count(*) FROM lanes)',
  };
}
