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
import type { DeskStore } from '@redress/domain';
import { EndpointReads, WebhookEndpointDesk } from '@redress/domain/integrations';
import type { Log } from '@redress/typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { ConnectionsModule } from '../connections/connections.module';
import { Metrics } from '../observability/metrics';
import { LOG } from '../observability/observability.module';
import { endpoint } from '../observability/work-metrics';
import { portsOver } from '../storage/ports';
import { STORE } from '../storage/storage.module';
import { EndpointReadsController } from './webhook-endpoint-reads.controller';
import { EndpointsController } from './webhook-endpoints.controller';

const providers: Provider[] = [
  {
    provide: WebhookEndpointDesk,
    inject: [STORE, AesVault, Egress],
    useFactory: ({ endpoints, clock }: DeskStore, vault: AesVault, egress: Egress) =>
      new WebhookEndpointDesk(portsOver(endpoints, clock), vault, secretGenerator, egress),
  },
  { provide: EndpointReads, inject: [STORE], useFactory: ({ reads }: DeskStore) => reads.endpoints },
  {
    provide: DeliveryWorker,
    inject: [STORE, AesVault, Egress, CONFIG, LOG, Metrics],
    useFactory: (
      { deliveries, clock }: DeskStore,
      vault: AesVault,
      egress: Egress,
      { deliveryTimeoutMs: timeoutMs }: Config,
      log: Log,
      { work }: Metrics,
    ) => {
      const gates = new CircuitBreakers(endpointCircuitBreaker, isTrouble);
      work.watchBreakers(() => gates.counts(), endpoint);
      return new DeliveryWorker({
        deliveries,
        vault,
        egress,
        gates,
        observed: (attempt) => work.delivered(attempt),
        clock,
        timeoutMs,
        failed: (error) => log.error({ err: error }, 'an event could not be delivered'),
      });
    },
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
