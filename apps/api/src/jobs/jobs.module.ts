import { Module, type Provider } from '@nestjs/common';
import { DeliveryWorker, DispatchRunner } from '@redress/connectors';
import { Deadlines, ExceptionDesk } from '@redress/domain';
import {
  deadlineJob,
  deadlineTask,
  deliverTask,
  dispatchTask,
  formerDeadlineTask,
  JobEngine,
  purgeReplies,
  scheduleJob,
  scheduleMissingDeadlines,
  type Log,
} from '@redress/typeorm';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { DispatchesModule } from '../dispatches/dispatches.module';
import { ExceptionsModule } from '../exceptions/exceptions.module';
import { Metrics } from '../observability/metrics';
import { LOG } from '../observability/observability.module';
import { DATABASE, type Database } from '../storage/database';
import { WebhookEndpointsModule } from '../webhook-endpoints/webhook-endpoints.module';

const deadlines: Provider = {
  provide: Deadlines,
  inject: [ExceptionDesk, DataSource, Metrics],
  useFactory: (desk: ExceptionDesk, dataSource: DataSource, metrics: Metrics) =>
    new Deadlines(desk, {
      scheduleJob: (tenant, id, at) => scheduleJob(dataSource, deadlineJob(tenant, id, at)),
      scheduleMissingDeadlines: (policy) => scheduleMissingDeadlines(dataSource, policy),
      expired: () => metrics.expiredProposal(),
    }),
};

/** One connection more than there are jobs at a time for listening, and one for what is due by the clock. */
const jobConnections = (config: Config): number => config.workers + 2;

const engine: Provider = {
  provide: JobEngine,
  inject: [CONFIG, DATABASE, LOG, DispatchRunner, DeliveryWorker, Deadlines],
  useFactory: async (
    config: Config,
    { dataSource, openJobPool }: Database,
    log: Log,
    dispatches: DispatchRunner,
    deliverer: DeliveryWorker,
    deadlines: Deadlines,
  ) =>
    new JobEngine({
      pool: await openJobPool(jobConnections(config)),
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
};

/** All that runs in the background: its alarms are set in the commits of what they are about. */
@Module({
  imports: [DispatchesModule, ExceptionsModule, WebhookEndpointsModule],
  providers: [deadlines, engine],
})
export class JobsModule {}
