import type { Provider } from '@nestjs/common';
import {
  Connectors,
  CircuitBreakers,
  ConnectionResolver,
  DispatchRunner,
  DispatchNow,
  connectorProvider,
} from '@redress/connectors';
import { DispatchDesk, ExceptionDesk } from '@redress/domain';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { connections } from '../connections/connections.module';
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
    useFactory: (desk: DispatchDesk, resolver: ConnectionResolver, connectors: Connectors) =>
      new DispatchRunner(desk, connectorProvider(resolver, connectors), new CircuitBreakers()),
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
