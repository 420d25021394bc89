import type { Provider } from '@nestjs/common';
import { Connectors, CircuitBreakers } from '@redress/connectors';
import { ExceptionDesk, type DispatchTarget } from '@redress/domain';
import { DispatchDesk } from '@redress/domain/integrations';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { ConnectionResolver } from '../connections/connection-resolver';
import { connections } from '../connections/connections.module';
import { DispatchRunner } from './dispatch-runner';
import { DispatchNow } from './dispatch-now';
import { PostgresUnitOfWork } from '@redress/typeorm';
import { portsOver } from '../storage/ports';

/** The way to external systems: which ones a tenant has, how to talk to them, and what is handed over. */
export const outside = (config: Config, dataSource: DataSource): Provider[] => [
  ...connections(config, dataSource),
  ...dispatching(config),
];

const dispatching = (config: Config): Provider[] => [
  {
    provide: DispatchDesk,
    inject: [PostgresUnitOfWork],
    useFactory: (uow: PostgresUnitOfWork) => new DispatchDesk(portsOver(uow), config.dispatchAssurances),
  },
  {
    provide: DispatchRunner,
    inject: [DispatchDesk, ConnectionResolver, Connectors],
    useFactory: (desk: DispatchDesk, resolver: ConnectionResolver, connectors: Connectors) => {
      const ticketSystem = async (tenant: string, target: DispatchTarget) => {
        const connection = target === 'MANUAL' ? undefined : await resolver.find(tenant, target);
        return connection && connectors.for(connection);
      };
      const ledger = async (tenant: string) => {
        const connection = await resolver.find(tenant, 'LEDGER');
        return connection && connectors.for(connection);
      };
      return new DispatchRunner(desk, { ticketSystem, ledger }, new CircuitBreakers());
    },
  },
  {
    provide: DispatchNow,
    inject: [PostgresUnitOfWork, ExceptionDesk, ConnectionResolver, DispatchRunner],
    useFactory: (
      uow: PostgresUnitOfWork,
      desk: ExceptionDesk,
      resolver: ConnectionResolver,
      runner: DispatchRunner,
    ) => new DispatchNow(portsOver(uow), desk, resolver, runner, { budgetMs: config.dispatchBudgetMs }),
  },
];
