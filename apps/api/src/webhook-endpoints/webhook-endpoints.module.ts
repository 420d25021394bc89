import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { Egress, CircuitBreakers } from '@redress/connectors';
import { AesVault } from '../connections/aes-vault';
import { Deliverer, isTrouble } from './delivery-worker';
import { EndpointReads } from './delivery-store';
import { EndpointDesk } from './webhook-endpoint-desk';
import type { JobLog } from '../jobs/engine';
import { Metrics } from '../observability/metrics';
import { Connections } from '../persistence/database/tenant-pool';
import { PostgresDeliveries } from '../persistence/repositories/delivery.repository';
import { PostgresEndpointReads } from '../persistence/reads/postgres-endpoint-reads';
import { EndpointUnitOfWork } from '../persistence/unit-of-work/postgres-unit-of-work';
import { portsOver, unitsOfWork } from '../persistence/persistence.module';

/** Of one endpoint at a time; and how long it is left alone after it failed so often in a row. */
const endpointGate = { concurrency: 8, failures: 5, pauseMs: 30_000 };

/** Telling a tenant's own systems what happens. */
export const events = (config: Config, dataSource: DataSource, log: JobLog): Provider[] => [
  {
    provide: EndpointDesk,
    inject: [Metrics, AesVault],
    useFactory: (metrics: Metrics, keys: AesVault) => {
      const uow = new EndpointUnitOfWork(Connections.of(dataSource), unitsOfWork(config, metrics));
      return new EndpointDesk(portsOver(uow), keys);
    },
  },
  { provide: EndpointReads, useFactory: () => new PostgresEndpointReads(Connections.of(dataSource)) },
  {
    provide: Deliverer,
    inject: [AesVault, Egress],
    useFactory: (keys: AesVault, egress: Egress) =>
      new Deliverer({
        deliveries: new PostgresDeliveries(Connections.of(dataSource)),
        keys,
        egress,
        gates: new CircuitBreakers(endpointGate, isTrouble),
        clock: () => new Date(),
        timeoutMs: config.deliveryTimeoutMs,
        failed: (error) => log.error({ err: error }, 'an event could not be delivered'),
      }),
  },
];
