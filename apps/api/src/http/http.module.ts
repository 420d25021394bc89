import { Global, Module } from '@nestjs/common';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { cursorSecret } from '../config/secrets';
import { Pages } from './page-responder';

/** What routes of every feature answer with. */
@Global()
@Module({
  providers: [
    { provide: Pages, inject: [CONFIG], useFactory: (config: Config) => new Pages(cursorSecret(config)) },
  ],
  exports: [Pages],
})
export class HttpModule {}
