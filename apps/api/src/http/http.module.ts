import { Global, Module } from '@nestjs/common';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { cursorSecret } from '../config/secrets';
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
  ],
  exports: [PageResponder],
})
export class HttpModule {}
