import { Module } from '@nestjs/common';
import { AdjustmentDesk, type DeskStore } from '@redress/domain';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { policyOf } from '../config/policy';
import { portsOver } from '../storage/ports';
import { STORE } from '../storage/storage.module';
import { AdjustmentReadsController } from './adjustment-reads.controller';
import { AdjustmentsController } from './adjustments.controller';

/** What was posted to correct the books, and its reversal. */
@Module({
  controllers: [AdjustmentReadsController, AdjustmentsController],
  providers: [
    {
      provide: AdjustmentDesk,
      inject: [STORE, CONFIG],
      useFactory: ({ desk: uow, clock }: DeskStore, config: Config) =>
        new AdjustmentDesk(portsOver(uow, clock), policyOf(config)),
    },
  ],
})
export class AdjustmentsModule {}
