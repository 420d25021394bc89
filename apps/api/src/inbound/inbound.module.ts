import { Module } from '@nestjs/common';
import { ConnectionResolver, Connectors } from '@redress/connectors';
import { ExceptionDesk, type DeskStore } from '@redress/domain';
import { InboundDesk, InboundReads } from '@redress/domain/integrations';
import { ConnectionsModule } from '../connections/connections.module';
import { ExceptionsModule } from '../exceptions/exceptions.module';
import { portsOver } from '../storage/ports';
import { STORE } from '../storage/storage.module';
import { InboundMessagesController } from './inbound-messages.controller';
import { InboundController } from './inbound.controller';

/** Messages of external systems: received, verified, and listed. */
@Module({
  imports: [ConnectionsModule, ExceptionsModule],
  controllers: [InboundController, InboundMessagesController],
  providers: [
    {
      provide: InboundDesk,
      inject: [STORE, ConnectionResolver, Connectors, ExceptionDesk],
      useFactory: (
        { inbound, clock }: DeskStore,
        resolver: ConnectionResolver,
        connectors: Connectors,
        { policy }: ExceptionDesk,
      ) => new InboundDesk(portsOver(inbound, clock), resolver, connectors, policy),
    },
    {
      provide: InboundReads,
      inject: [STORE],
      useFactory: ({ reads }: DeskStore) => reads.inbound,
    },
  ],
})
export class InboundModule {}
