import { Module } from '@nestjs/common';
import { ExceptionDesk, type DeskStore } from '@redress/domain';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { ConnectionsModule } from '../connections/connections.module';
import { policyOf } from '../config/policy';
import { portsOver } from '../storage/ports';
import { STORE } from '../storage/storage.module';
import { CallbacksController } from './callbacks.controller';
import { ExceptionCommandsController } from './exception-commands.controller';
import { ExceptionReportsController } from './exception-reports.controller';
import { ExceptionsController } from './exceptions.controller';
import { ForcedMatchesController } from './forced-matches.controller';

/** Exceptions: raised, listed, worked on and resolved. */
@Module({
  imports: [ConnectionsModule],
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
      inject: [STORE, CONFIG],
      useFactory: ({ desk: uow, clock }: DeskStore, config: Config) =>
        new ExceptionDesk(portsOver(uow, clock), policyOf(config)),
    },
  ],
  exports: [ExceptionDesk],
})
export class ExceptionsModule {}
