import type { Policy, Timestamp } from '@redress/domain';
import { jobPriority } from '@redress/domain/integrations';
import type { DataSource } from 'typeorm';
import { scheduledJob, jobSpec, type Job } from './job-spec';

/** The job that looks at an exception when the time of its wait is over. */
export const deadlineTask = 'deadline';
/** The former name of `deadlineTask`. Jobs with this name may still wait in a database. */
export const formerDeadlineTask = 'expire_proposal';

/** The deadline job of an exception, one at a time: the job of a later wait replaces it. */
export const deadlineJob = (tenant: string, id: string, at: Timestamp): Job =>
  scheduledJob(deadlineTask, tenant, id, jobPriority.deadline, at);

const spec = jobSpec({
  task: '$1',
  payload: '$2::json',
  runAt: '$3::timestamptz',
  key: '$4',
  priority: '$5',
});

/** Schedules a deadline again whose job ran too early. A job that another transaction has scheduled meanwhile stays. */
export async function scheduleJob(dataSource: DataSource, job: Job): Promise<void> {
  await dataSource.query(`SELECT FROM graphile_worker.add_jobs(ARRAY[${spec}], true)`, [
    job.task,
    job.payload,
    job.run_at,
    job.job_key,
    job.priority,
  ]);
}

const batch = 1000;

/**
 * Schedules the deadline jobs that are missing, in small batches: for waits that began before such jobs existed, or whose job
 * was given up. Returns how many.
 */
export async function scheduleMissingDeadlines(
  dataSource: DataSource,
  { approvalExpiresHours, flagAfterHours }: Policy,
): Promise<number> {
  const hours = { approval: approvalExpiresHours, ...flagAfterHours };
  for (let total = 0; ;) {
    const [{ set }] = await dataSource.query<[{ set: string }]>(
      'SELECT redress_set_missing_alarms($1, $2, $3) AS set',
      [Object.keys(hours), Object.values(hours), batch],
    );
    total += Number(set);
    if (Number(set) < batch) return total;
  }
}
