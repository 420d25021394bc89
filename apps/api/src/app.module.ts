import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { outageOf, type Log } from '@redress/typeorm';
import type { DataSource } from 'typeorm';
import { AdjustmentsModule } from './adjustments/adjustments.module';
import { TokenGuard } from './auth/auth.guard';
import { AuthModule } from './auth/auth.module';
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
import { IdempotencyModule } from './idempotency/idempotency.module';
import { InboundModule } from './inbound/inbound.module';
import { JobsModule } from './jobs/jobs.module';
import { ObservabilityModule } from './observability/observability.module';
import { ProblemFilter } from './problems/problem.filter';
import { SettingsModule } from './settings/settings.module';
import { StorageModule } from './storage/storage.module';
import { WebhookEndpointsModule } from './webhook-endpoints/webhook-endpoints.module';

/** What every module finds: config, database, observability, tokens, pages, idempotency. */
const kernel = (config: Config, dataSource: DataSource, log: Log): DynamicModule['imports'] => [
  ConfigModule.forRoot(config),
  StorageModule.forRoot(dataSource),
  ObservabilityModule.forRoot(config, log),
  AuthModule.forRoot({
    ...{ secret: config.jwtSecret, jwksUrl: config.jwtJwksUrl },
    ...{ issuer: config.jwtIssuer, audience: config.jwtAudience },
  }),
  HttpModule,
  IdempotencyModule,
];

/** In any order: the router prefers a fixed path such as /v1/exceptions/summary to one with a parameter. */
const features = [
  ...[ExceptionsModule, BulkModule, DisputesModule, CommentsModule, AdjustmentsModule, DispatchesModule],
  ...[SettingsModule, ConnectionsModule, WebhookEndpointsModule, InboundModule, JobsModule],
];

/** What every request passes, in this order: token, scope, body; and failures on the way out. */
const pipeline: Provider[] = [
  { provide: APP_GUARD, useClass: TokenGuard },
  { provide: APP_GUARD, useClass: ScopeGuard },
  { provide: APP_PIPE, useClass: BodyPipe },
  { provide: APP_FILTER, useFactory: () => new ProblemFilter(outageOf) },
];

/** The whole service: the modules of its features over those that all of them use. */
@Module({})
export class ApiModule {
  static forRoot(config: Config, dataSource: DataSource, log: Log): DynamicModule {
    const imports = [...(kernel(config, dataSource, log) ?? []), ...features];
    return { module: ApiModule, imports, providers: pipeline };
  }
}
