import type { Provider } from '@nestjs/common';
import { DispatchDesk, ExceptionDesk, timestamp, type DispatchTarget } from '@redress/domain';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { ConnectionBook } from '../connections/connection-resolver';
import { ConnectionDesk } from '../connections/connection-desk';
import { Connectors } from '../connections/connectors';
import { environmentConnections } from '../connections/environment-connections';
import { ExternalSystems } from '../connections/connector-factory';
import { SealingKeys } from '../connections/aes-vault';
import { Egress } from '../connectors/egress/egress';
import { EgressAllowance } from '../connectors/egress/egress-allowance';
import { DispatchRunner } from './dispatch-runner';
import { Gates } from '../connectors/kit/circuit-breaker';
import { HandOver } from './dispatch-now';
import { Metrics } from '../observability/metrics';
import { Connections } from '../persistence/database/tenant-pool';
import { PostgresConnectionReads } from '../persistence/reads/postgres-connection-reads';
import { connectionUnitOfWork } from '../persistence/repositories/connection.repository';
import { PostgresUnitOfWork } from '../persistence/unit-of-work/postgres-unit-of-work';
import { portsOver, unitsOfWork } from '../persistence/persistence.module';

/** The way to external systems: which ones a tenant has, how to talk to them, and what is handed over. */
export const outside = (config: Config, dataSource: DataSource): Provider[] => [
  ...connections(config, dataSource),
  ...dispatching(config),
];

const connections = (config: Config, dataSource: DataSource): Provider[] => [
  {
    provide: SealingKeys,
    useFactory: () => new SealingKeys(config.secretsKey, config.secretsKeysOld),
  },
  {
    provide: ConnectionDesk,
    inject: [Metrics, SealingKeys, Connectors],
    useFactory: (metrics: Metrics, keys: SealingKeys, connectors: Connectors) => {
      const uow = connectionUnitOfWork(dataSource, unitsOfWork(config, metrics));
      return new ConnectionDesk(portsOver(uow), keys, connectors);
    },
  },
  {
    provide: ConnectionBook,
    inject: [SealingKeys],
    useFactory: (keys: SealingKeys) => {
      const reads = new PostgresConnectionReads(Connections.of(dataSource));
      return new ConnectionBook(reads, keys, environmentConnections(config), () => timestamp(new Date()));
    },
  },
  {
    provide: Egress,
    useFactory: () =>
      new Egress({ allow: config.egressAllow ?? EgressAllowance.nothing, userAgent: 'Redress' }),
  },
  { provide: Connectors, inject: [Egress], useFactory: (egress: Egress) => new ExternalSystems(egress) },
];

const dispatching = (config: Config): Provider[] => [
  {
    provide: DispatchDesk,
    inject: [PostgresUnitOfWork],
    useFactory: (uow: PostgresUnitOfWork) => new DispatchDesk(portsOver(uow), config.dispatchAssurances),
  },
  {
    provide: DispatchRunner,
    inject: [DispatchDesk, ConnectionBook, Connectors],
    useFactory: (desk: DispatchDesk, book: ConnectionBook, connectors: Connectors) => {
      const to = async (tenant: string, target: DispatchTarget) => {
        const connection = target === 'MANUAL' ? undefined : await book.find(tenant, target);
        return connection && connectors.for(connection);
      };
      const toLedger = async (tenant: string) => {
        const connection = await book.find(tenant, 'LEDGER');
        return connection && connectors.for(connection);
      };
      return new DispatchRunner(desk, { to, toLedger }, new Gates());
    },
  },
  {
    provide: HandOver,
    inject: [PostgresUnitOfWork, ExceptionDesk, ConnectionBook, DispatchRunner],
    useFactory: (
      uow: PostgresUnitOfWork,
      desk: ExceptionDesk,
      book: ConnectionBook,
      runner: DispatchRunner,
    ) => new HandOver(portsOver(uow), desk, book, runner, { budgetMs: config.dispatchBudgetMs }),
  },
];
