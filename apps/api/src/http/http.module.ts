import { Global, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { cursorSecret } from '../config/secrets';
import { ApiAddress } from './api-address';
import { AnswerAdapter } from './http-answer.adapter';
import { PageResponder } from './page-responder';

/** What routes of every feature answer with. */
@Global()
@Module({
  providers: [
    {
      provide: PageResponder,
      inject: [CONFIG],
      useFactory: (config: Config) => new PageResponder(cursorSecret(config)),
    },
    {
      provide: ApiAddress,
      inject: [HttpAdapterHost],
      useFactory: ({ httpAdapter }: HttpAdapterHost) =>
        new ApiAddress(httpAdapter instanceof AnswerAdapter ? httpAdapter.prefix : ''),
    },
  ],
  exports: [PageResponder, ApiAddress],
})
export class HttpModule {}
