import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Reads } from '@redress/domain';
import { TenantPool, PostgresReads, PostgresUnitOfWork, type UnitOfWorkOptions } from '@redress/typeorm';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { Metrics } from '../observability/metrics';
import { DATABASE, type Database } from './database';

/** Injection token of the `UnitOfWorkOptions` that every unit of work is made with. */
export const UNIT_OF_WORK_OPTIONS = Symbol('UnitOfWorkOptions');

/** The adapters of the ports that several features use: the unit of work of exceptions and disputes, and the reads. */
const adapters: Provider[] = [
  {
    provide: UNIT_OF_WORK_OPTIONS,
    inject: [CONFIG, Metrics],
    useFactory: ({ idempotencyTtlHours }: Config, metrics: Metrics): UnitOfWorkOptions => ({
      replyHours: idempotencyTtlHours,
      onRetry: () => metrics.retriedCommit(),
    }),
  },
  {
    provide: PostgresUnitOfWork,
    inject: [DataSource, UNIT_OF_WORK_OPTIONS],
    useFactory: (dataSource: DataSource, options: UnitOfWorkOptions) =>
      new PostgresUnitOfWork(TenantPool.of(dataSource), options),
  },
  {
    provide: Reads,
    inject: [DataSource],
    useFactory: (dataSource: DataSource) => new PostgresReads(TenantPool.of(dataSource)),
  },
];

/** The database, which every module finds. A feature makes the units of work and reads that it alone uses. */
@Module({})
export class StorageModule {
  static forRoot(database: Database): DynamicModule {
    return {
      module: StorageModule,
      global: true,
      providers: [
        { provide: DATABASE, useValue: database },
        { provide: DataSource, useValue: database.dataSource },
        ...adapters,
      ],
      exports: [DATABASE, DataSource, UNIT_OF_WORK_OPTIONS, PostgresUnitOfWork, Reads],
    };
  }
}
