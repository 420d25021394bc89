import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { DispatchRunner } from '../dispatches/dispatch-runner';
import { DeliveryWorker } from '../webhook-endpoints/delivery-worker';
import { Deadlines } from './deadlines';
import {
  JobEngine,
  deadlineTask,
  deliverTask,
  dispatchTask,
  formerDeadlineTask,
  openJobPool,
  purgeReplies,
  roleSetBy,
  type Log,
} from '@redress/typeorm';

/** One connection more than there are jobs at a time for listening, and one for what is due by the clock. */
const jobConnections = (config: Config): number => config.workers + 2;

/** All that runs in the background: its alarms are set in the commits of what they are about. */
export const jobs = (config: Config, dataSource: DataSource, log: Log): Provider => ({
  provide: JobEngine,
  inject: [DispatchRunner, DeliveryWorker, Deadlines],
  useFactory: async (dispatches: DispatchRunner, deliverer: DeliveryWorker, deadlines: Deadlines) =>
    new JobEngine({
      pool: openJobPool({
        url: config.databaseUrl,
        pool: jobConnections(config),
        statementTimeoutMs: config.statementTimeoutMs,
        role: await roleSetBy(dataSource),
      }),
      workers: config.workers,
      tasks: {
        [dispatchTask]: ({ tenant, id }) => dispatches.runJob(tenant, id),
        [deadlineTask]: ({ tenant, id }) => deadlines.runJob(tenant, id),
        [formerDeadlineTask]: ({ tenant, id }) => deadlines.runJob(tenant, id),
        [deliverTask]: (lane) => deliverer.deliver(lane),
      },
      stopped: () => deliverer.stop(config.shutdownGraceMs / 2),
      cronJobs: {
        reap_replies: { cron: '*/10 * * * *', run: () => purgeReplies(dataSource) },
        missing_alarms: { cron: '*/10 * * * *', run: () => deadlines.scheduleMissingDeadlines() },
      },
      patienceMs: config.shutdownGraceMs / 2,
      log,
    }),
});
