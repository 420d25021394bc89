import { Global, Module } from '@nestjs/common';
import { isHeldUp, PostgresUnitOfWork } from '@redress/typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { KeyedAnswers } from './keyed-answers';

/** What the interceptor of command routes needs, in whichever module it is made. */
@Global()
@Module({
  providers: [
    {
      provide: KeyedAnswers,
      inject: [PostgresUnitOfWork, CONFIG],
      useFactory: (uow: PostgresUnitOfWork, { idempotencyWaitMs }: Config) =>
        new KeyedAnswers(uow, idempotencyWaitMs, isHeldUp),
    },
  ],
  exports: [KeyedAnswers],
})
export class IdempotencyModule {}
