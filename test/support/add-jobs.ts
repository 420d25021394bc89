import { jobSpec, type Job } from '../../libs/typeorm/src/jobs/job-spec';

const spec = jobSpec({
  task: 'x.task',
  payload: 'x.payload::json',
  runAt: 'x.run_at',
  key: 'x.job_key',
  priority: 'x.priority',
});

/**
 * Schedules jobs in the transaction of `query`. No key may come twice. A job with the same key that begins at this very
 * moment is missed by the engine; the transaction fails as a lost race then.
 */
export async function addJobs(
  query: (sql: string, values: unknown[]) => Promise<{ added: number }[]>,
  jobs: readonly Job[],
): Promise<void> {
  const [row] = await query(
    `SELECT count(*)::int4 AS added FROM (
       SELECT array_agg(${spec}) AS jobs
       FROM json_to_recordset($1) AS x(task text, payload text, run_at timestamptz, job_key text, priority int2) HAVING count(*) > 0
     ) j, graphile_worker.add_jobs(j.jobs)`,
    [JSON.stringify(jobs)],
  );
  if (row?.added !== jobs.length)
    throw Object.assign(new Error('a job began while it was being replaced'), { code: 'RD001' });
}
