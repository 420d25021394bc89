import { Module, type Provider } from '@nestjs/common';
import {
  AesVault,
  CircuitBreakers,
  DeliveryWorker,
  Egress,
  endpointCircuitBreaker,
  isTrouble,
  secretGenerator,
} from '@redress/connectors';
import { EndpointReads, WebhookEndpointDesk } from '@redress/domain/integrations';
import {
  TenantPool,
  endpointUnitOfWork,
  PostgresDeliveries,
  PostgresEndpointReads,
  type Log,
  type UnitOfWorkOptions,
} from '@redress/typeorm';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { ConnectionsModule } from '../connections/connections.module';
import { LOG } from '../observability/observability.module';
import { portsOver } from '../storage/ports';
import { UNIT_OF_WORK_OPTIONS } from '../storage/storage.module';
import { EndpointReadsController } from './webhook-endpoint-reads.controller';
import { EndpointsController } from './webhook-endpoints.controller';

const providers: Provider[] = [
  {
    provide: WebhookEndpointDesk,
    inject: [DataSource, UNIT_OF_WORK_OPTIONS, AesVault],
    useFactory: (dataSource: DataSource, options: UnitOfWorkOptions, vault: AesVault) =>
      new WebhookEndpointDesk(portsOver(endpointUnitOfWork(dataSource, options)), vault, secretGenerator),
  },
  {
    provide: EndpointReads,
    inject: [DataSource],
    useFactory: (dataSource: DataSource) => new PostgresEndpointReads(TenantPool.of(dataSource)),
  },
  {
    provide: DeliveryWorker,
    inject: [DataSource, AesVault, Egress, CONFIG, LOG],
    useFactory: (
      dataSource: DataSource,
      vault: AesVault,
      egress: Egress,
      { deliveryTimeoutMs: timeoutMs }: Config,
      log: Log,
    ) =>
      new DeliveryWorker({
        deliveries: new PostgresDeliveries(TenantPool.of(dataSource)),
        vault,
        egress,
        gates: new CircuitBreakers(endpointCircuitBreaker, isTrouble),
        clock: () => new Date(),
        timeoutMs,
        failed: (error) => log.error({ err: error }, 'an event could not be delivered'),
      }),
  },
];

/** Webhook endpoints of tenants, and the delivery of events to them. */
@Module({
  imports: [ConnectionsModule],
  controllers: [EndpointReadsController, EndpointsController],
  providers,
  exports: [DeliveryWorker],
})
export class WebhookEndpointsModule {}
