import { Global, Module } from '@nestjs/common';
import type { DeskStore } from '@redress/domain';
import { isHeldUp } from '@redress/typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { STORE } from '../storage/storage.module';
import { KeyedAnswers } from './keyed-answers';

/** What the interceptor of command routes needs, in whichever module it is made. */
@Global()
@Module({
  providers: [
    {
      provide: KeyedAnswers,
      inject: [STORE, CONFIG],
      useFactory: ({ desk: uow, clock }: DeskStore, { idempotencyWaitMs }: Config) =>
        new KeyedAnswers(uow, clock, idempotencyWaitMs, isHeldUp),
    },
  ],
  exports: [KeyedAnswers],
})
export class IdempotencyModule {}
