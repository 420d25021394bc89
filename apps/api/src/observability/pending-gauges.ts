import { waits } from '@redress/domain';
import type { Gauge, Registry } from 'prom-client';
import type { PendingCount } from '@redress/typeorm';
import { gaugeIn } from './metric-kinds';
import { withinASecond } from './public-route';

/** Gauges of pending exceptions of all tenants together. Each read of the metrics reads them from the database. */
export class PendingGauges {
  private readonly gauges: Readonly<Record<Exclude<keyof PendingCount, 'wait'>, Gauge<'wait'>>>;
  private reading: Promise<readonly PendingCount[]> | undefined;

  constructor(
    registry: Registry,
    private readonly read: () => Promise<readonly PendingCount[]>,
  ) {
    const gauge = (name: string, help: string) => gaugeIn(registry, `pending_${name}`, help, 'wait');
    this.gauges = {
      waiting: gauge('exceptions', 'Exceptions whose resolution is pending, by what they wait for.'),
      flagged: gauge('flagged', 'Those of them that have waited too long.'),
      oldestSeconds: gauge('oldest_seconds', 'How long the one that has waited longest does so.'),
    };
  }

  /** Without an answer in time there are no numbers: old ones would look like new ones. */
  async refresh(): Promise<void> {
    // Single-flight: concurrent requests share one answer, so a public route cannot use up the database connections.
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    const counts = await withinASecond(this.reading).catch(() => undefined);
    for (const [name, gauge] of Object.entries(this.gauges) as [keyof typeof this.gauges, Gauge<'wait'>][]) {
      gauge.reset();
      for (const wait of counts ? waits : [])
        gauge.set({ wait }, counts?.find((count) => count.wait === wait)?.[name] ?? 0);
    }
  }
}
