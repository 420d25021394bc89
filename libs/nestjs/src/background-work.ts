import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JobLog } from '@redress/domain';
import type { Desk } from './desk';
import type { RedressOptions } from './options';

const logger = new Logger('Redress');

/** Background work reports to the logger of the application. */
export const nestLog: JobLog = {
  error: (facts, message) => {
    const { err } = facts as Readonly<{ err?: unknown }>;
    logger.error(message, err instanceof Error ? err.stack : undefined);
  },
  warn: (message) => logger.warn(message),
  debug: (message) => logger.debug(message),
};

/** Runs jobs from the start of the application until it is closed. */
export class BackgroundWork implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly desk: Desk,
    private readonly options: RedressOptions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { backgroundWork = true, shutdownGraceMs: graceMs = 10_000 } = this.options;
    if (backgroundWork) await this.desk.store.jobs.start(this.desk.handlers, { log: nestLog, graceMs });
  }

  /** Before the database is closed, which applications do after all modules are destroyed: running jobs need it. */
  onModuleDestroy(): Promise<void> {
    return this.desk.store.jobs.stop();
  }
}
