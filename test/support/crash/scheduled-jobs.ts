import type { Pool } from 'pg';
import { releaseAbandonedJobs } from '../../../libs/typeorm/src/jobs/abandoned-jobs';
import type { Owner } from '../owner';
import type { Clock, Process } from './process';

type Job = Readonly<{ id: string; task: string; payload: { tenant: string; id: string }; run_at: Date }>;

const of = `FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
  WHERE j.payload->>'tenant' = $1 AND j.attempts < j.max_attempts`;

/** The alarms of a tenant as the job engine rings them, but without waiting for the time to pass. */
export class ScheduledJobs {
  constructor(
    private readonly owner: Owner,
    private readonly tenant: string,
    private readonly clock: Clock,
  ) {}

  /** What each of them is about. */
  async set(): Promise<ReadonlySet<string>> {
    const jobs = await this.owner.rows<{ id: string }>(`SELECT j.payload->>'id' AS id ${of}`, [this.tenant]);
    return new Set(jobs.map(({ id }) => id));
  }

  /** Deletes the alarms of the tenant, so that later searches do not find them. */
  async clear(): Promise<void> {
    await this.owner.rows(`DELETE FROM graphile_worker._private_jobs WHERE payload->>'tenant' = $1`, [
      this.tenant,
    ]);
  }

  /** All that are due until then, each at its time, those that are set on the way included. */
  async ring(process: Process, until: Date): Promise<void> {
    const pool = { query: this.owner.rows } as unknown as Pick<Pool, 'query'>;
    await releaseAbandonedJobs(pool, -1);
    for (let rung = 0; ; rung++) {
      const [job] = await this.owner.rows<Job>(
        `SELECT j.id, t.identifier AS task, j.payload, j.run_at ${of} AND t.identifier = ANY($3) AND j.run_at <= $2 AND j.locked_at IS NULL
         ORDER BY j.run_at, j.id LIMIT 1`,
        [this.tenant, until, Object.keys(process.tasks)],
      );
      if (!job) return;
      if (rung === 100) throw new Error(`${job.task} goes on ringing`);
      this.clock.reach(job.run_at);
      await this.run(process, job);
    }
  }

  /** Takes a job, does it, and is done with it: three steps, and the same when one of them is the last. */
  private async run({ life, tasks }: Process, { id, task, payload }: Job): Promise<void> {
    const change = (what: string, sql: string) => life.step(what, () => this.owner.rows(sql, [id]));
    try {
      await change(
        'take the job',
        `UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'crash', attempts = attempts + 1 WHERE id = $1`,
      );
      await tasks[task]!(payload);
      await change('finish the job', 'DELETE FROM graphile_worker._private_jobs WHERE id = $1');
    } catch (error) {
      if (life.isOver()) throw error;
      await change(
        'put the job back',
        `UPDATE graphile_worker._private_jobs SET locked_at = NULL, locked_by = NULL, run_at = run_at + interval '1 second' WHERE id = $1`,
      );
    }
  }
}
