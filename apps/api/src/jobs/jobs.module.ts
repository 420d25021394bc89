import { Module, type OnApplicationBootstrap, type OnModuleDestroy, type Provider } from '@nestjs/common';
import { DeliveryWorker, DispatchRunner } from '@redress/connectors';
import {
  ExceptionDesk,
  type BackgroundJobs,
  type DeskStore,
  type JobHandlers,
  type JobOptions,
} from '@redress/domain';
import { Deadlines } from '@redress/domain/integrations';
import type { Log } from '@redress/typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { DispatchesModule } from '../dispatches/dispatches.module';
import { ExceptionsModule } from '../exceptions/exceptions.module';
import { Metrics } from '../observability/metrics';
import { LOG } from '../observability/observability.module';
import { STORE } from '../storage/storage.module';
import { WebhookEndpointsModule } from '../webhook-endpoints/webhook-endpoints.module';

const deadlines: Provider = {
  provide: Deadlines,
  inject: [ExceptionDesk, STORE, Metrics],
  useFactory: (desk: ExceptionDesk, { jobs }: DeskStore, metrics: Metrics) =>
    new Deadlines(desk, {
      scheduleJob: (tenant, id, at) => jobs.scheduleJob(tenant, id, at),
      scheduleMissingDeadlines: (policy) => jobs.scheduleMissingDeadlines(policy),
      expired: () => metrics.expiredProposal(),
    }),
};

/** Runs jobs from the start of the application until its modules are destroyed, after which the database is closed. */
class BackgroundWork implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly jobs: BackgroundJobs,
    private readonly handlers: JobHandlers,
    private readonly options: JobOptions,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.jobs.start(this.handlers, this.options);
  }

  onModuleDestroy(): Promise<void> {
    return this.jobs.stop();
  }
}

const backgroundWork: Provider = {
  provide: BackgroundWork,
  inject: [STORE, CONFIG, LOG, DispatchRunner, DeliveryWorker, Deadlines],
  useFactory: (
    { jobs }: DeskStore,
    { shutdownGraceMs: graceMs }: Config,
    log: Log,
    dispatches: DispatchRunner,
    deliverer: DeliveryWorker,
    deadlines: Deadlines,
  ) =>
    new BackgroundWork(
      jobs,
      {
        dispatch: ({ tenant, id }) => dispatches.runJob(tenant, id),
        deadline: ({ tenant, id }) => deadlines.runJob(tenant, id),
        deliver: (lane) => deliverer.deliver(lane),
        scheduleMissingDeadlines: () => deadlines.scheduleMissingDeadlines(),
        idle: () => deliverer.idle(),
        stop: (ms) => deliverer.stop(ms),
      },
      { log, graceMs },
    ),
};

/** All that runs in the background: the jobs that units of work commit with their changes. */
@Module({
  imports: [DispatchesModule, ExceptionsModule, WebhookEndpointsModule],
  providers: [deadlines, backgroundWork],
})
export class JobsModule {}
