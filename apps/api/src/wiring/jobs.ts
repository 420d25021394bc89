import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Config } from '../config';
import { DispatchRunner } from '../dispatch/dispatch-runner';
import { JobEngine, type JobLog } from '../jobs/engine';
import { reapReplies } from '../jobs/reply-reaper';
import { openJobPool } from '../persistence/data-source';
import { dispatchTask } from '../persistence/dispatch-writes';

/** One connection more than there are jobs at a time for listening, and one for what is due by the clock. */
const jobConnections = (config: Config): number => config.workers + 2;

/** All that runs in the background: its alarms are set in the commits of what they are about. */
export const jobs = (config: Config, dataSource: DataSource, log: JobLog): Provider => ({
  provide: JobEngine,
  inject: [DispatchRunner],
  useFactory: (dispatches: DispatchRunner) =>
    new JobEngine({
      pool: openJobPool({
        url: config.databaseUrl,
        pool: jobConnections(config),
        statementTimeoutMs: config.statementTimeoutMs,
      }),
      workers: config.workers,
      tasks: { [dispatchTask]: ({ tenant, id }) => dispatches.alarm(tenant, id) },
      chores: { reap_replies: { cron: '*/10 * * * *', run: () => reapReplies(dataSource) } },
      patienceMs: config.shutdownGraceMs / 2,
      log,
    }),
});
