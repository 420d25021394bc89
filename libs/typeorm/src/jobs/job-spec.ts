import type { Timestamp } from '@redress/domain';

/** How often the engine runs a job that fails before it could look at its tables, as when the database is away. */
const attempts = 25;

/** The job that looks at a dispatch. */
export const dispatchTask = 'dispatch';

/** A scheduled job. Its subject is in the tables of the desk; without `run_at` it runs at once, by `jobPriority`. */
export type Job = Readonly<{
  task: string;
  payload: string;
  run_at?: Date | undefined;
  job_key: string;
  priority: number;
}>;

/** The job of a row. A job that is scheduled later for the same row replaces it. */
export const scheduledJob = (
  task: string,
  tenant: string,
  id: string,
  priority: number,
  at?: Timestamp,
): Job => ({
  task,
  priority,
  payload: JSON.stringify({ tenant, id }),
  ...(at !== undefined && { run_at: new Date(at) }),
  job_key: `${task}:${id}`,
});

/** A job as the engine takes it, made of SQL expressions. It replaces a waiting job with the same key. */
export const jobSpec = (
  job: Readonly<Record<'task' | 'payload' | 'runAt' | 'key' | 'priority', string>>,
): string =>
  `ROW(${job.task}, ${job.payload}, NULL, ${job.runAt}, ${attempts}, ${job.key}, ${job.priority}, NULL)::graphile_worker.job_spec`;
