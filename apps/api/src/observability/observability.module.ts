import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { TenantPool, readOnlyReason, readPendingCounts, readUnsettled, type Log } from '@redress/typeorm';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { HealthController, ReadinessProbe } from './health.controller';
import { Metrics } from './metrics';
import { MetricsController } from './metrics.controller';

/** Injection token of the `Log` for what happens outside of requests. */
export const LOG = Symbol('Log');

/** Logs, metrics and health. Every module finds `LOG` and `Metrics`. */
@Module({})
export class ObservabilityModule {
  static forRoot({ metrics }: Pick<Config, 'metrics'>, log: Log): DynamicModule {
    return {
      module: ObservabilityModule,
      global: true,
      controllers: [HealthController, ...(metrics ? [MetricsController] : [])],
      providers: [{ provide: LOG, useValue: log }, ...measured],
      exports: [LOG, Metrics],
    };
  }
}

const measured: Provider[] = [
  {
    provide: Metrics,
    inject: [DataSource],
    useFactory: (dataSource: DataSource) => {
      const metrics = new Metrics();
      metrics.watchPool(() => TenantPool.of(dataSource).stats());
      metrics.watchWaits(() => readPendingCounts(dataSource));
      metrics.watchUnsettled(() => readUnsettled(dataSource));
      TenantPool.of(dataSource).observe(metrics.databaseTook);
      return metrics;
    },
  },
  {
    provide: ReadinessProbe,
    inject: [DataSource],
    useFactory: (dataSource: DataSource): ReadinessProbe => ({
      check: () => readOnlyReason(TenantPool.of(dataSource)),
    }),
  },
];
