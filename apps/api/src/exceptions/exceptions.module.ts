import { Module } from '@nestjs/common';
import { ExceptionDesk } from '@redress/domain';
import { PostgresUnitOfWork } from '@redress/typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { policyOf } from '../config/policy';
import { portsOver } from '../storage/ports';
import { CallbacksController } from './callbacks.controller';
import { ExceptionCommandsController } from './exception-commands.controller';
import { ExceptionReportsController } from './exception-reports.controller';
import { ExceptionsController } from './exceptions.controller';
import { ForcedMatchesController } from './forced-matches.controller';

/** Exceptions: raised, listed, worked on and resolved. */
@Module({
  controllers: [
    ExceptionsController,
    ExceptionReportsController,
    ExceptionCommandsController,
    ForcedMatchesController,
    CallbacksController,
  ],
  providers: [
    {
      provide: ExceptionDesk,
      inject: [PostgresUnitOfWork, CONFIG],
      useFactory: (uow: PostgresUnitOfWork, config: Config) =>
        new ExceptionDesk(portsOver(uow), policyOf(config)),
    },
  ],
  exports: [ExceptionDesk],
})
export class ExceptionsModule {}
