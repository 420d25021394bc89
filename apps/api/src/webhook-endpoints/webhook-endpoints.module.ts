import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { CircuitBreakers, Egress } from '@redress/connectors';
import { EndpointReads, WebhookEndpointDesk } from '@redress/domain/integrations';
import { AesVault } from '../connections/aes-vault';
import { secretGenerator } from '../connections/secret-generator';
import { DeliveryWorker, isTrouble } from './delivery-worker';
import { Metrics } from '../observability/metrics';
import {
  TenantPool,
  PostgresDeliveries,
  PostgresEndpointReads,
  endpointUnitOfWork,
  type Log,
} from '@redress/typeorm';
import { portsOver, unitsOfWork } from '../storage/ports';

/** Of one endpoint at a time; and how long it is left alone after it failed so often in a row. */
const endpointGate = { concurrency: 8, failures: 5, pauseMs: 30_000 };

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
  { provide: EndpointReads, useFactory: () => new PostgresEndpointReads(TenantPool.of(dataSource)) },
  {
    provide: DeliveryWorker,
    inject: [AesVault, Egress],
    useFactory: (vault: AesVault, egress: Egress) =>
      new DeliveryWorker({
        deliveries: new PostgresDeliveries(TenantPool.of(dataSource)),
        vault,
        egress,
        gates: new CircuitBreakers(endpointGate, isTrouble),
        clock: () => new Date(),
        timeoutMs: config.deliveryTimeoutMs,
        failed: (error) => log.error({ err: error }, 'an event could not be delivered'),
      }),
  },
];
