import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import {
  CircuitBreakers,
  Egress,
  AesVault,
  secretGenerator,
  DeliveryWorker,
  endpointCircuitBreaker,
  isTrouble,
} from '@redress/connectors';
import { EndpointReads, WebhookEndpointDesk } from '@redress/domain/integrations';
import { Metrics } from '../observability/metrics';
import {
  Connections,
  PostgresDeliveries,
  PostgresEndpointReads,
  endpointUnitOfWork,
  type Log,
} from '@redress/typeorm';
import { portsOver, unitsOfWork } from '../storage/ports';

/** Telling a tenant's own systems what happens. */
export const events = (config: Config, dataSource: DataSource, log: Log): Provider[] => [
  {
    provide: WebhookEndpointDesk,
    inject: [Metrics, AesVault],
    useFactory: (metrics: Metrics, vault: AesVault) => {
      const uow = endpointUnitOfWork(dataSource, unitsOfWork(config, metrics));
      return new WebhookEndpointDesk(portsOver(uow), vault, secretGenerator);
    },
  },
  { provide: EndpointReads, useFactory: () => new PostgresEndpointReads(Connections.of(dataSource)) },
  {
    provide: DeliveryWorker,
    inject: [AesVault, Egress],
    useFactory: (vault: AesVault, egress: Egress) =>
      new DeliveryWorker({
        deliveries: new PostgresDeliveries(Connections.of(dataSource)),
        vault,
        egress,
        gates: new CircuitBreakers(endpointCircuitBreaker, isTrouble),
        clock: () => new Date(),
        timeoutMs: config.deliveryTimeoutMs,
        failed: (error) => log.error({ err: error }, 'an event could not be delivered'),
      }),
  },
];
