import type { Provider } from '@nestjs/common';
import { Reads } from '@redress/domain';
import {
  TenantPool,
  PostgresReads,
  PostgresUnitOfWork,
  readOnlyReason,
  readPendingCounts,
} from '@redress/typeorm';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { ReadinessProbe } from '../observability/health.controller';
import { Metrics } from '../observability/metrics';
import { unitsOfWork } from './ports';

/** The adapters of the ports that every part uses: the data source, the unit of work, the reads. */
export const storage = (config: Config, dataSource: DataSource): Provider[] => [
  { provide: DataSource, useValue: dataSource },
  {
    provide: Metrics,
    useFactory: () => {
      const metrics = new Metrics();
      metrics.watchPool(() => TenantPool.of(dataSource).stats());
      metrics.watchWaits(() => readPendingCounts(dataSource));
      return metrics;
    },
  },
  {
    provide: PostgresUnitOfWork,
    inject: [Metrics],
    useFactory: (metrics: Metrics) =>
      new PostgresUnitOfWork(TenantPool.of(dataSource), unitsOfWork(config, metrics)),
  },
  { provide: Reads, useFactory: () => new PostgresReads(TenantPool.of(dataSource)) },
  {
    provide: ReadinessProbe,
    useFactory: (): ReadinessProbe => ({ check: () => readOnlyReason(TenantPool.of(dataSource)) }),
  },
];
