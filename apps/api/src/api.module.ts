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
import { DataSource } from 'typeorm';
import { TokenGuard } from './auth/auth.guard';
import { AuthModule } from './auth/auth.module';
import { ScopeGuard } from './auth/scope.guard';
import type { Config } from './config';
import { cursorSecret } from './config/secrets';
import { ApprovalPolicyController } from './http/approval-policy.controller';
import { ApprovalQueueController } from './http/approval-queue.controller';
import { ApprovalsController } from './http/approvals.controller';
import { BodyPipe } from './http/bodies';
import { AdjustmentReadsController } from './http/adjustment-reads.controller';
import { AdjustmentsController } from './http/adjustments.controller';
import { BulkController } from './http/bulk.controller';
import { CallbacksController } from './http/callbacks.controller';
import { CommentReadsController } from './http/comment-reads.controller';
import { CommentsController } from './http/comments.controller';
import { ConnectionReadsController } from './http/connection-reads.controller';
import { ConnectionsController } from './http/connections.controller';
import { DispatchesController } from './http/dispatches.controller';
import { DisputeReadsController } from './http/dispute-reads.controller';
import { DisputesController } from './http/disputes.controller';
import { EndpointReadsController } from './http/endpoint-reads.controller';
import { EndpointsController } from './http/endpoints.controller';
import { ExceptionReportsController } from './http/exception-reports.controller';
import { EditsController } from './http/edits.controller';
import { ExceptionCommandsController } from './http/exception-commands.controller';
import { ExceptionsController } from './http/exceptions.controller';
import { ForcedMatchesController } from './http/forced-matches.controller';
import { ImportController } from './http/import.controller';
import { InboundController } from './http/inbound.controller';
import { InboundMessagesController } from './http/inbound-messages.controller';
import { Pages } from './http/pages';
import { ReasonCodesController } from './http/reason-codes.controller';
import { ProblemFilter } from './http/problem.filter';
import { CallGuard } from './idempotency/call.guard';
import { EditDesk } from './import/edit-desk';
import { Importer } from './import/importer';
import type { JobLog } from './jobs/engine';
import { HealthController, ReadinessProbe } from './observability/health.controller';
import { Metrics } from './observability/metrics';
import { MetricsController } from './observability/metrics.controller';
import { Connections } from './persistence/connections';
import { outageOf } from './persistence/outage';
import { PostgresReads } from './persistence/postgres-reads';
import { PostgresUnitOfWork } from './persistence/postgres-unit-of-work';
import { readOnlyReason } from './persistence/readiness';
import { isHeldUp } from './persistence/sql-state';
import { readWaits } from './persistence/waits';
import { Reads } from './reads';
import { approvals } from './wiring/approvals';
import { events } from './wiring/events';
import { inbound } from './wiring/inbound';
import { jobs } from './wiring/jobs';
import { outside } from './wiring/outside';
import { portsOver, unitsOfWork } from './wiring/ports';
import { settings } from './wiring/settings';
import { waiting } from './wiring/waiting';

/** The one place that knows every part: ports get their adapters here. */
@Module({})
export class ApiModule {
  static forRoot(config: Config, dataSource: DataSource, log: JobLog): DynamicModule {
    const { jwtSecret: secret, jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = config;
    return {
      module: ApiModule,
      imports: [AuthModule.forRoot({ secret, jwksUrl, issuer, audience })],
      controllers: [
        // Before the routes with an id, one of which would take "import", "summary" or "export" for it.
        ImportController,
        EditsController,
        ExceptionReportsController,
        ExceptionsController,
        ExceptionCommandsController,
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
        ApprovalsController,
        ApprovalPolicyController,
        ApprovalQueueController,
        ReasonCodesController,
        HealthController,
        ...(config.metrics ? [MetricsController] : []),
      ],
      providers: [
        ...desks(config),
        ...storage(config, dataSource),
        ...outside(config, dataSource),
        ...events(config, dataSource, log),
        ...inbound(config, dataSource),
        ...approvals(dataSource),
        ...settings(config, dataSource),
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
    provide: Importer,
    inject: [ExceptionDesk],
    useFactory: (desk: ExceptionDesk) => new Importer(desk, config.importBatch),
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

const storage = (config: Config, dataSource: DataSource): Provider[] => [
  { provide: DataSource, useValue: dataSource },
  {
    provide: Metrics,
    useFactory: () => {
      const metrics = new Metrics();
      metrics.watchPool(() => Connections.of(dataSource).stats());
      metrics.watchWaits(() => readWaits(dataSource));
      return metrics;
    },
  },
  {
    provide: PostgresUnitOfWork,
    inject: [Metrics],
    useFactory: (metrics: Metrics) =>
      new PostgresUnitOfWork(Connections.of(dataSource), unitsOfWork(config, metrics)),
  },
  { provide: Reads, useFactory: () => new PostgresReads(Connections.of(dataSource)) },
  {
    provide: ReadinessProbe,
    useFactory: (): ReadinessProbe => ({ check: () => readOnlyReason(Connections.of(dataSource)) }),
  },
];

/** What every request passes, in this order: token, scope, call and idempotency key, body; and failures on the way out. */
const pipeline = (config: Config): Provider[] => [
  {
    provide: APP_GUARD,
    inject: [Reflector],
    useFactory: (reflector: Reflector) => new TokenGuard(reflector),
  },
  {
    provide: APP_GUARD,
    inject: [Reflector],
    useFactory: (reflector: Reflector) => new ScopeGuard(reflector),
  },
  {
    provide: APP_GUARD,
    inject: [Metrics, PostgresUnitOfWork],
    useFactory: (metrics: Metrics, uow: PostgresUnitOfWork) =>
      new CallGuard(metrics, uow, config.idempotencyWaitMs, isHeldUp),
  },
  { provide: APP_PIPE, useClass: BodyPipe },
  { provide: APP_FILTER, useFactory: () => new ProblemFilter(outageOf) },
  { provide: Pages, useFactory: () => new Pages(cursorSecret(config)) },
];
