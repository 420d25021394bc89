import { Module } from '@nestjs/common';
import { AdjustmentDesk } from '@redress/domain';
import { PostgresUnitOfWork } from '@redress/typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { policyOf } from '../config/policy';
import { portsOver } from '../storage/ports';
import { AdjustmentReadsController } from './adjustment-reads.controller';
import { AdjustmentsController } from './adjustments.controller';

/** What was posted to correct the books, and its reversal. */
@Module({
  controllers: [AdjustmentReadsController, AdjustmentsController],
  providers: [
    {
      provide: AdjustmentDesk,
      inject: [PostgresUnitOfWork, CONFIG],
      useFactory: (uow: PostgresUnitOfWork, config: Config) =>
        new AdjustmentDesk(portsOver(uow), policyOf(config)),
    },
  ],
})
export class AdjustmentsModule {}
