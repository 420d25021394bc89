import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, Reflector } from '@nestjs/core';
import {
  AdjustmentDesk,
  CommentDesk,
  defaultPolicy,
  DisputeDesk,
  ExceptionDesk,
  type Policy,
} from '@redress/domain';
import type { DataSource } from 'typeorm';
import { TokenGuard } from './auth/auth.guard';
import { AuthModule } from './auth/auth.module';
import { ScopeGuard } from './auth/scope.guard';
import { TokenReader } from './auth/token-reader';
import type { Config } from './config/config';
import { cursorSecret } from './config/secrets';
import { BodyPipe } from './http/body.pipe';
import { AdjustmentReadsController } from './adjustments/adjustment-reads.controller';
import { AdjustmentsController } from './adjustments/adjustments.controller';
import { BulkController } from './bulk/bulk.controller';
import { CallbacksController } from './exceptions/callbacks.controller';
import { CommentReadsController } from './comments/comment-reads.controller';
import { CommentsController } from './comments/comments.controller';
import { ConnectionReadsController } from './connections/connection-reads.controller';
import { ConnectionsController } from './connections/connections.controller';
import { DispatchesController } from './dispatches/dispatches.controller';
import { DisputeReadsController } from './disputes/dispute-reads.controller';
import { OpenDisputeController } from './disputes/open-dispute.controller';
import { DisputesController } from './disputes/disputes.controller';
import { EndpointReadsController } from './webhook-endpoints/webhook-endpoint-reads.controller';
import { EndpointsController } from './webhook-endpoints/webhook-endpoints.controller';
import { ExceptionReportsController } from './exceptions/exception-reports.controller';
import { EditsController } from './bulk/edits.controller';
import { ExceptionCommandsController } from './exceptions/exception-commands.controller';
import { ExceptionsController } from './exceptions/exceptions.controller';
import { ForcedMatchesController } from './exceptions/forced-matches.controller';
import { ImportController } from './bulk/import.controller';
import { InboundController } from './inbound/inbound.controller';
import { InboundMessagesController } from './inbound/inbound-messages.controller';
import { PageResponder } from './http/page-responder';
import { ProblemFilter } from './problems/problem.filter';
import { KeyedAnswers } from './idempotency/keyed-answers';
import { EditDesk, ImportDesk } from '@redress/domain/bulk';
import { HealthController } from './observability/health.controller';
import { Metrics } from './observability/metrics';
import { MetricsController } from './observability/metrics.controller';
import { PostgresUnitOfWork, isHeldUp, outageOf, type Log } from '@redress/typeorm';
import { SettingsModule } from './settings/settings.module';
import { events } from './webhook-endpoints/webhook-endpoints.module';
import { inbound } from './inbound/inbound.module';
import { jobs } from './jobs/jobs.module';
import { outside } from './dispatches/dispatches.module';
import { portsOver } from './storage/ports';
import { storage } from './storage/storage.providers';
import { waiting } from './jobs/waiting.providers';

/** The one place that knows every part: ports get their adapters here. */
@Module({})
export class ApiModule {
  static forRoot(config: Config, dataSource: DataSource, log: Log): DynamicModule {
    const { jwtSecret: secret, jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = config;
    return {
      module: ApiModule,
      // Modules of features find here what all of them use.
      global: true,
      exports: [ExceptionDesk, KeyedAnswers, Metrics, PageResponder],
      imports: [
        AuthModule.forRoot({ secret, jwksUrl, issuer, audience }),
        SettingsModule.forRoot(config, dataSource),
      ],
      controllers: [
        // Before the routes with an id, one of which would take "import", "summary" or "export" for it.
        ImportController,
        EditsController,
        ExceptionReportsController,
        ExceptionsController,
        ExceptionCommandsController,
        OpenDisputeController,
        AdjustmentReadsController,
        AdjustmentsController,
        ForcedMatchesController,
        CallbacksController,
        BulkController,
        CommentReadsController,
        CommentsController,
        DisputeReadsController,
        DisputesController,
        DispatchesController,
        ConnectionReadsController,
        ConnectionsController,
        EndpointReadsController,
        EndpointsController,
        InboundController,
        InboundMessagesController,
        HealthController,
        ...(config.metrics ? [MetricsController] : []),
      ],
      providers: [
        ...desks(config),
        ...storage(config, dataSource),
        ...outside(config, dataSource),
        ...events(config, dataSource, log),
        ...inbound(config, dataSource),
        waiting(dataSource),
        ...pipeline(config),
        jobs(config, dataSource, log),
      ],
    };
  }
}

const policyOf = (config: Config): Policy => ({
  ...defaultPolicy,
  severityRules: config.severityRules,
  dueHours: config.dueHours,
  disputeBlocksResolving: config.disputeBlocksResolving,
  approvalExpiresHours: config.approvalExpiresHours,
  flagAfterHours: config.flagAfterHours,
  residualTolerance: config.residualTolerance,
  ...(config.exceptionLink && { exceptionLink: config.exceptionLink }),
});

const desks = (config: Config): Provider[] => [
  {
    provide: ExceptionDesk,
    inject: [PostgresUnitOfWork],
    useFactory: (uow: PostgresUnitOfWork) => new ExceptionDesk(portsOver(uow), policyOf(config)),
  },
  {
    provide: ImportDesk,
    inject: [ExceptionDesk],
    useFactory: (desk: ExceptionDesk) => new ImportDesk(desk, config.importBatch),
  },
  {
    provide: EditDesk,
    inject: [ExceptionDesk],
    useFactory: (desk: ExceptionDesk) => new EditDesk(desk, config.importBatch),
  },
  {
    provide: AdjustmentDesk,
    inject: [PostgresUnitOfWork],
    useFactory: (uow: PostgresUnitOfWork) => new AdjustmentDesk(portsOver(uow), policyOf(config)),
  },
  {
    provide: CommentDesk,
    inject: [PostgresUnitOfWork],
    useFactory: (uow: PostgresUnitOfWork) => new CommentDesk(portsOver(uow)),
  },
  {
    provide: DisputeDesk,
    inject: [PostgresUnitOfWork],
    useFactory: (uow: PostgresUnitOfWork) => new DisputeDesk(portsOver(uow)),
  },
];

/** What every request passes, in this order: token, scope, on command routes the idempotency interceptor, body; and failures on the way out. */
const pipeline = (config: Config): Provider[] => [
  {
    provide: APP_GUARD,
    inject: [Reflector, TokenReader],
    useFactory: (reflector: Reflector, tokens: TokenReader) => new TokenGuard(reflector, tokens),
  },
  {
    provide: APP_GUARD,
    inject: [Reflector],
    useFactory: (reflector: Reflector) => new ScopeGuard(reflector),
  },
  {
    provide: KeyedAnswers,
    inject: [PostgresUnitOfWork],
    useFactory: (uow: PostgresUnitOfWork) => new KeyedAnswers(uow, config.idempotencyWaitMs, isHeldUp),
  },
  { provide: APP_PIPE, useClass: BodyPipe },
  { provide: APP_FILTER, useFactory: () => new ProblemFilter(outageOf) },
  { provide: PageResponder, useFactory: () => new PageResponder(cursorSecret(config)) },
];
