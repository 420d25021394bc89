import { Module } from '@nestjs/common';
import { ConnectionResolver, Connectors } from '@redress/connectors';
import { ExceptionDesk } from '@redress/domain';
import { InboundDesk, InboundReads } from '@redress/domain/integrations';
import {
  TenantPool,
  InboundUnitOfWork,
  PostgresInboundReads,
  type UnitOfWorkOptions,
} from '@redress/typeorm';
import { DataSource } from 'typeorm';
import { ConnectionsModule } from '../connections/connections.module';
import { ExceptionsModule } from '../exceptions/exceptions.module';
import { portsOver } from '../storage/ports';
import { UNIT_OF_WORK_OPTIONS } from '../storage/storage.module';
import { InboundMessagesController } from './inbound-messages.controller';
import { InboundController } from './inbound.controller';

/** Messages of external systems: received, verified, and listed. */
@Module({
  imports: [ConnectionsModule, ExceptionsModule],
  controllers: [InboundController, InboundMessagesController],
  providers: [
    {
      provide: InboundDesk,
      inject: [DataSource, UNIT_OF_WORK_OPTIONS, ConnectionResolver, Connectors, ExceptionDesk],
      useFactory: (
        dataSource: DataSource,
        options: UnitOfWorkOptions,
        resolver: ConnectionResolver,
        connectors: Connectors,
        { policy }: ExceptionDesk,
      ) => {
        const uow = new InboundUnitOfWork(TenantPool.of(dataSource), options);
        return new InboundDesk(portsOver(uow), resolver, connectors, policy);
      },
    },
    {
      provide: InboundReads,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new PostgresInboundReads(TenantPool.of(dataSource)),
    },
  ],
})
export class InboundModule {}
