import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Reads, type DeskStore } from '@redress/domain';
import { DatabaseClock, jobConnections, typeormStore } from '@redress/typeorm';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { Metrics } from '../observability/metrics';
import { DATABASE, type Database } from './database';

/** Injection token of the `DeskStore`: units of work, lists and jobs. */
export const STORE = Symbol('DeskStore');

const store: Provider = {
  provide: STORE,
  inject: [DATABASE, CONFIG, Metrics],
  useFactory: async (
    { dataSource, openJobPool }: Database,
    { idempotencyTtlHours: replyHours, accessRecordDays, workers }: Config,
    metrics: Metrics,
  ): Promise<DeskStore> => {
    await DatabaseClock.of(dataSource).sample();
    return typeormStore(dataSource, {
      replyHours,
      accessRecordDays,
      workers,
      jobPool: await openJobPool(jobConnections(workers)),
      onRetry: () => metrics.retriedCommit(),
    });
  },
};

/** The database, and the store of the desk on it. Every module finds them. */
@Module({})
export class StorageModule {
  static forRoot(database: Database): DynamicModule {
    return {
      module: StorageModule,
      global: true,
      providers: [
        { provide: DATABASE, useValue: database },
        { provide: DataSource, useValue: database.dataSource },
        store,
        { provide: Reads, inject: [STORE], useFactory: ({ reads }: DeskStore) => reads.desk },
      ],
      exports: [DATABASE, DataSource, STORE, Reads],
    };
  }
}
