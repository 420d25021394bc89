import type { BackgroundJobs, JobHandlers, JobOptions, Policy, Timestamp } from '@redress/domain';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { sessionScopeOf } from '../database/data-source';
import { hostPoolOf } from '../database/tenant-pool';
import {
  deadlineJob,
  deadlineTask,
  formerDeadlineTask,
  scheduleJob,
  scheduleMissingDeadlines,
} from './deadline-jobs';
import { deliverTask } from './delivery-fan-out';
import { JobEngine } from './engine';
import { JobProcess } from './job-process';
import { dispatchTask } from './job-spec';
import { mendTimes } from './mend-times';
import { purgeAccessRecords, purgeReplies } from './purge';

export type TypeOrmJobsOptions = Readonly<{
  /** Jobs that this process runs at the same time; 0 = it leaves them to other processes. */
  workers: number;
  /** A pool for jobs alone, which ends with them; unless given, they take connections of the data source. */
  pool?: Pool | undefined;
  /** How long records of the access trail are kept, in days. */
  accessRecordDays: number;
  /** This process, as others see it. */
  process?: JobProcess;
}>;

/** The connections of a pool for jobs: one for each worker, one that listens for new jobs, and one for scheduled work. */
export const jobConnections = (workers: number): number => workers + 2;

const everyTenMinutes = '*/10 * * * *';
const everyHour = '17 * * * *';

/** Jobs of Graphile Worker, which units of work commit with their changes. Any number of processes share them. */
export class TypeOrmJobs implements BackgroundJobs {
  private engine: JobEngine | undefined;
  private readonly process: JobProcess;

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: TypeOrmJobsOptions,
  ) {
    this.process = options.process ?? new JobProcess();
  }

  get processes(): number {
    return this.process.alive;
  }

  async start(handlers: JobHandlers, { log, graceMs }: JobOptions): Promise<void> {
    const { workers, pool = this.hostPool(workers) } = this.options;
    await this.process.start(pool, log);
    this.engine = new JobEngine({
      pool,
      process: this.process,
      keepsPool: this.options.pool === undefined,
      workers,
      prepares: sessionScopeOf(this.dataSource) === 'connection',
      tasks: {
        [dispatchTask]: handlers.dispatch,
        [deadlineTask]: handlers.deadline,
        [formerDeadlineTask]: handlers.deadline,
        [deliverTask]: handlers.deliver,
      },
      stopped: () => handlers.stop(graceMs / 2),
      cronJobs: {
        reap_replies: { cron: everyTenMinutes, run: () => purgeReplies(this.dataSource) },
        purge_access_records: {
          cron: everyHour,
          run: () => purgeAccessRecords(this.dataSource, this.options.accessRecordDays),
        },
        mend_times: { cron: '* * * * *', run: () => mendTimes(this.dataSource) },
        missing_alarms: { cron: everyTenMinutes, run: () => handlers.scheduleMissingDeadlines() },
      },
      patienceMs: graceMs / 2,
      log,
    });
    await this.engine.start();
  }

  async stop(): Promise<void> {
    await this.engine?.stop();
    this.process.stop();
    this.engine = undefined;
  }

  scheduleJob(tenant: string, exceptionId: string, at: Timestamp): Promise<void> {
    return scheduleJob(this.dataSource, deadlineJob(tenant, exceptionId, at));
  }

  scheduleMissingDeadlines(policy: Policy): Promise<number> {
    return scheduleMissingDeadlines(this.dataSource, policy);
  }

  private hostPool(workers: number): Pool {
    const pool = hostPoolOf(this.dataSource);
    const [needed, max] = [jobConnections(workers), pool.options.max];
    if (workers > 0 && max <= needed)
      throw new Error(
        `The DataSource has ${max} connections at most, and ${workers} workers take ${needed} of them: set its poolSize to more than ${needed}, or workers to less.`,
      );
    return pool;
  }
}
