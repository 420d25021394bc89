import { Module } from '@nestjs/common';
import { DisputeDesk } from '@redress/domain';
import { PostgresUnitOfWork } from '@redress/typeorm';
import { portsOver } from '../storage/ports';
import { DisputeReadsController } from './dispute-reads.controller';
import { DisputesController } from './disputes.controller';
import { OpenDisputeController } from './open-dispute.controller';

/** Disputes: opened on an exception, worked on with evidence, won or lost. */
@Module({
  controllers: [OpenDisputeController, DisputeReadsController, DisputesController],
  providers: [
    {
      provide: DisputeDesk,
      inject: [PostgresUnitOfWork],
      useFactory: (uow: PostgresUnitOfWork) => new DisputeDesk(portsOver(uow)),
    },
  ],
})
export class DisputesModule {}
