/** How often the engine runs a job that fails before it could look at its tables, as when the database is away. */
const attempts = 25;

/** A job as the engine takes it, made of SQL expressions. The one with the same key that waits gives way to it. */
export const jobSpec = (job: Readonly<Record<'task' | 'payload' | 'runAt' | 'key', string>>): string =>
  `ROW(${job.task}, ${job.payload}, NULL, ${job.runAt}, ${attempts}, ${job.key}, NULL, NULL)::graphile_worker.job_spec`;
