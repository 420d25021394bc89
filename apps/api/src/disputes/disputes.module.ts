import { Module } from '@nestjs/common';
import { DisputeDesk, type DeskStore } from '@redress/domain';
import { portsOver } from '../storage/ports';
import { STORE } from '../storage/storage.module';
import { DisputeReadsController } from './dispute-reads.controller';
import { DisputesController } from './disputes.controller';
import { OpenDisputeController } from './open-dispute.controller';

/** Disputes: opened on an exception, worked on with evidence, won or lost. */
@Module({
  controllers: [OpenDisputeController, DisputeReadsController, DisputesController],
  providers: [
    {
      provide: DisputeDesk,
      inject: [STORE],
      useFactory: ({ desk: uow, clock }: DeskStore) => new DisputeDesk(portsOver(uow, clock)),
    },
  ],
})
export class DisputesModule {}
