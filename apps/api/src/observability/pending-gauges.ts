import { waits } from '@redress/domain';
import { Gauge, type Registry } from 'prom-client';
import { withinASecond } from './public-route';

export type WaitCount = Readonly<{ wait: string; waiting: number; flagged: number; oldestSeconds: number }>;

/** What waits for somebody, in all tenants together: read from the database whenever the metrics are. */
export class WaitGauges {
  private readonly gauges: Readonly<Record<Exclude<keyof WaitCount, 'wait'>, Gauge<'wait'>>>;
  private reading: Promise<readonly WaitCount[]> | undefined;

  constructor(
    registry: Registry,
    private readonly read: () => Promise<readonly WaitCount[]>,
  ) {
    const gauge = (name: string, help: string) =>
      new Gauge({ name: `redress_pending_${name}`, help, labelNames: ['wait'], registers: [registry] });
    this.gauges = {
      waiting: gauge('exceptions', 'Exceptions whose resolution is pending, by what they wait for.'),
      flagged: gauge('flagged', 'Those of them that have waited too long.'),
      oldestSeconds: gauge('oldest_seconds', 'How long the one that has waited longest does so.'),
    };
  }

  /** Without an answer in time there are no numbers: old ones would look like new ones. */
  async refresh(): Promise<void> {
    // Whoever asks meanwhile shares the answer, so that a public route cannot use up the database connections.
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    const counts = await withinASecond(this.reading).catch(() => undefined);
    for (const [name, gauge] of Object.entries(this.gauges) as [keyof typeof this.gauges, Gauge<'wait'>][]) {
      gauge.reset();
      for (const wait of counts ? waits : [])
        gauge.set({ wait }, counts?.find((count) => count.wait === wait)?.[name] ?? 0);
    }
  }
}
