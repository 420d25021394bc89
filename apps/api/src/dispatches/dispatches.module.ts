import { Module, type Provider } from '@nestjs/common';
import {
  callTimeoutMs,
  CircuitBreakers,
  ConnectionResolver,
  connectorProvider,
  Connectors,
  DispatchNow,
  DispatchRunner,
} from '@redress/connectors';
import { ExceptionDesk, type DeskStore } from '@redress/domain';
import { DispatchDesk } from '@redress/domain/integrations';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { ConnectionsModule } from '../connections/connections.module';
import { ExceptionsModule } from '../exceptions/exceptions.module';
import { Metrics } from '../observability/metrics';
import { portsOver } from '../storage/ports';
import { STORE } from '../storage/storage.module';
import { DispatchesController } from './dispatches.controller';

const providers: Provider[] = [
  {
    provide: DispatchDesk,
    inject: [STORE, CONFIG],
    useFactory: ({ desk: uow, clock }: DeskStore, { dispatchAssurances, approvalExpiresHours }: Config) =>
      new DispatchDesk(portsOver(uow, clock), dispatchAssurances, approvalExpiresHours),
  },
  {
    provide: DispatchRunner,
    inject: [DispatchDesk, ConnectionResolver, Connectors, Metrics],
    useFactory: (
      desk: DispatchDesk,
      resolver: ConnectionResolver,
      connectors: Connectors,
      { work }: Metrics,
    ) => {
      const breakers = new CircuitBreakers();
      work.watchBreakers(() => breakers.counts());
      const provider = connectorProvider(resolver, connectors);
      return new DispatchRunner(desk, provider, breakers, callTimeoutMs, (attempt) =>
        work.attempted(attempt),
      );
    },
  },
  {
    provide: DispatchNow,
    inject: [STORE, ExceptionDesk, ConnectionResolver, DispatchRunner, CONFIG],
    useFactory: (
      { desk: uow, clock }: DeskStore,
      desk: ExceptionDesk,
      resolver: ConnectionResolver,
      runner: DispatchRunner,
      { dispatchBudgetMs: budgetMs }: Config,
    ) => new DispatchNow(portsOver(uow, clock), desk, resolver, runner, { budgetMs }),
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
