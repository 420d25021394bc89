import type { Policy, Timestamp } from '@redress/domain';
import type { DataSource } from 'typeorm';
import { alarm, jobSpec, type Job } from './job-spec';

/** The job that looks at an exception when the time of its wait is over. */
export const deadlineTask = 'deadline';
/** What it was called when only proposals had one: such jobs may wait in a database. */
export const formerDeadlineTask = 'expire_proposal';

/** One for each exception: that of a later wait takes the place of the one before. */
export const deadlineAlarm = (tenant: string, id: string, at: Timestamp): Job =>
  alarm(deadlineTask, tenant, id, at);

const spec = jobSpec({ task: '$1', payload: '$2::json', runAt: '$3::timestamptz', key: '$4' });

/** Sets the alarm again for a job that ran too early. An alarm that another transaction has set meanwhile stays. */
export async function setAlarm(dataSource: DataSource, job: Job): Promise<void> {
  await dataSource.query(`SELECT FROM graphile_worker.add_jobs(ARRAY[${spec}], true)`, [
    job.task,
    job.payload,
    job.run_at,
    job.job_key,
  ]);
}

const batch = 1000;

/**
 * Sets the alarms that are missing, in small batches: of waits that are older than their alarms, or whose alarm was
 * given up. Answers how many.
 */
export async function setMissingAlarms(
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
