import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { Log } from '@redress/typeorm';
import { AccessRecordsModule } from './access-records/access-records.module';
import { AdjustmentsModule } from './adjustments/adjustments.module';
import { AUTHENTICATION_GUARD, AuthModule } from './auth/auth.module';
import type { Authenticate } from './auth/host.guard';
import { ScopeGuard } from './auth/scope.guard';
import { BulkModule } from './bulk/bulk.module';
import { CommentsModule } from './comments/comments.module';
import type { Config } from './config/config';
import { ConfigModule } from './config/config.module';
import { ConnectionsModule } from './connections/connections.module';
import { DispatchesModule } from './dispatches/dispatches.module';
import { DisputesModule } from './disputes/disputes.module';
import { ExceptionsModule } from './exceptions/exceptions.module';
import { BodyPipe } from './http/body.pipe';
import { HttpModule } from './http/http.module';
import { RateLimitGuard } from './limits/rate-limit.guard';
import { IdempotencyModule } from './idempotency/idempotency.module';
import { InboundModule } from './inbound/inbound.module';
import { JobsModule } from './jobs/jobs.module';
import { ObservabilityModule } from './observability/observability.module';
import type { ProblemFilter } from './problems/problem.filter';
import { SettingsModule } from './settings/settings.module';
import type { Database } from './storage/database';
import { StorageModule } from './storage/storage.module';
import { WebhookEndpointsModule } from './webhook-endpoints/webhook-endpoints.module';

export type ApiOptions = Readonly<{
  config: Config;
  database: Database;
  log: Log;
  /** Answers every failure. */
  problems: ProblemFilter;
  /** How a host application knows the caller; without it, by the tokens that the config describes. */
  authenticate?: Authenticate | undefined;
}>;

/** What every module finds: config, database, observability, callers, pages, idempotency. */
const kernel = ({ config, database, log, authenticate }: ApiOptions) => [
  ConfigModule.forRoot(config),
  StorageModule.forRoot(database),
  ObservabilityModule.forRoot(config, log),
  authenticate ? AuthModule.forHost(authenticate) : AuthModule.forTokens(config),
  HttpModule,
  IdempotencyModule,
  AccessRecordsModule,
];

/** In any order: the router prefers a fixed path such as /v1/exceptions/summary to one with a parameter. */
const features = [
  ...[ExceptionsModule, BulkModule, DisputesModule, CommentsModule, AdjustmentsModule, DispatchesModule],
  ...[SettingsModule, ConnectionsModule, WebhookEndpointsModule, InboundModule, JobsModule],
];

/** What every request passes, in this order: caller, limits, scope, body; and failures on the way out. */
const pipeline = (problems: ProblemFilter): Provider[] => [
  { provide: APP_GUARD, useExisting: AUTHENTICATION_GUARD },
  { provide: APP_GUARD, useClass: RateLimitGuard },
  { provide: APP_GUARD, useClass: ScopeGuard },
  { provide: APP_PIPE, useClass: BodyPipe },
  { provide: APP_FILTER, useValue: problems },
];

/** The whole API: the modules of its features over those that all of them use. */
@Module({})
export class ApiModule {
  static forRoot(options: ApiOptions): DynamicModule {
    return {
      module: ApiModule,
      imports: [...kernel(options), ...features],
      providers: pipeline(options.problems),
    };
  }
}
