import { Module, type Provider } from '@nestjs/common';
import { CircuitBreakers, Connectors } from '@redress/connectors';
import { DispatchDesk, ExceptionDesk, type DispatchTarget } from '@redress/domain';
import { PostgresUnitOfWork } from '@redress/typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { ConnectionResolver, ConnectionsModule } from '../connections/connections.module';
import { ExceptionsModule } from '../exceptions/exceptions.module';
import { portsOver } from '../storage/ports';
import { DispatchNow } from './dispatch-now';
import { DispatchRunner } from './dispatch-runner';
import { DispatchesController } from './dispatches.controller';

export { DispatchNow } from './dispatch-now';
export { DispatchRunner } from './dispatch-runner';

const providers: Provider[] = [
  {
    provide: DispatchDesk,
    inject: [PostgresUnitOfWork, CONFIG],
    useFactory: (uow: PostgresUnitOfWork, { dispatchAssurances }: Config) =>
      new DispatchDesk(portsOver(uow), dispatchAssurances),
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
    inject: [PostgresUnitOfWork, ExceptionDesk, ConnectionResolver, DispatchRunner, CONFIG],
    useFactory: (
      uow: PostgresUnitOfWork,
      desk: ExceptionDesk,
      resolver: ConnectionResolver,
      runner: DispatchRunner,
      { dispatchBudgetMs: budgetMs }: Config,
    ) => new DispatchNow(portsOver(uow), desk, resolver, runner, { budgetMs }),
  },
];

/** Exceptions dispatched to external systems, at once while a request waits or in the background. */
@Module({
  imports: [ExceptionsModule, ConnectionsModule],
  controllers: [DispatchesController],
  providers,
  exports: [DispatchNow, DispatchRunner],
})
export class DispatchesModule {}
