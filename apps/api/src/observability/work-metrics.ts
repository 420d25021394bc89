import { circuitBreakerStates, type CircuitBreakers } from '@redress/connectors';
import type { ObservedAttempt, ObservedDelivery } from '@redress/connectors';
import type { Unsettled } from '@redress/typeorm';
import { Histogram, type Registry } from 'prom-client';
import { counterIn, gaugeIn } from './metric-kinds';
import { withinASecond } from './public-route';

const buckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What leaves this process, what comes in by itself, and what is left to do. Targets and tasks are few; no tenant is named. */
export class WorkMetrics {
  private readonly attempts = counterIn(
    this.registry,
    'dispatch_attempts_total',
    'Sends and look-ups.',
    'target',
    'kind',
    'outcome',
  );
  private readonly deliveries = counterIn(
    this.registry,
    'delivery_attempts_total',
    'Events sent to webhook endpoints, by the state that follows and the class of the answer.',
    'state',
    'answer',
  );
  private readonly inbound = counterIn(
    this.registry,
    'inbound_messages_total',
    'Messages received.',
    'target',
    'outcome',
  );
  private readonly seconds = new Histogram({
    name: 'redress_attempt_seconds',
    help: 'Time of one attempt to reach a target or an endpoint.',
    labelNames: ['target'],
    buckets,
    registers: [this.registry],
  });
  private readonly unsettled = (['dispatch', 'delivery', 'job'] as const).map((kind) => ({
    kind,
    count: gaugeIn(
      this.registry,
      `${kind}_backlog`,
      `Unfinished and dead: ${kind}, by state.`,
      'name',
      'state',
    ),
    oldest: gaugeIn(
      this.registry,
      `${kind}_backlog_oldest_seconds`,
      'How old the oldest of them is.',
      'name',
      'state',
    ),
  }));
  private readonly mismatches = gaugeIn(
    this.registry,
    'ledger_mismatches',
    'Exceptions with a reversal that is booked here and not in the ledger.',
  );
  private readonly breakers = gaugeIn(
    this.registry,
    'circuit_breakers',
    'Those of this process, by state.',
    'target',
    'state',
  );
  private readonly watched: (() => ReturnType<CircuitBreakers['counts']>)[] = [];
  private reading: Promise<readonly Unsettled[]> | undefined;

  constructor(private readonly registry: Registry) {
    this.mismatches.remove();
  }

  attempted({ target, kind, outcome, seconds }: ObservedAttempt): void {
    this.attempts.inc({ target, kind, outcome });
    this.seconds.observe({ target }, seconds);
  }

  delivered({ state, status, seconds }: ObservedDelivery): void {
    const answer = status === undefined ? 'none' : `${Math.floor(status / 100)}xx`;
    this.deliveries.inc({ state, answer });
    this.seconds.observe({ target: endpoint }, seconds);
  }

  /** `outcome` is undefined for a message that no connection signed. */
  received(target: string, outcome = 'unauthorized'): void {
    this.inbound.inc({ target, outcome });
  }

  /** Asks for the states of circuit breakers whenever the metrics are read; with a name they all are one target. */
  watchBreakers(counts: () => ReturnType<CircuitBreakers['counts']>, name?: string): void {
    this.watched.push(() => counts().map((one) => ({ ...one, target: name ?? one.target })));
  }

  /** Without an answer in time there are no numbers: old ones would look like new ones. */
  async refresh(read: () => Promise<readonly Unsettled[]> = async () => []): Promise<void> {
    this.breakers.reset();
    for (const { target, state: now, count } of this.watched.flatMap((counts) => counts()))
      for (const state of circuitBreakerStates)
        this.breakers.inc({ target, state }, state === now ? count : 0);
    this.reading ??= read().finally(() => (this.reading = undefined));
    const rows = await withinASecond(this.reading).catch(() => undefined);
    for (const { kind, count, oldest } of this.unsettled) {
      count.reset();
      oldest.reset();
      for (const row of (rows ?? []).filter((one) => one.kind === kind)) {
        const labels = { name: row.name || endpoint, state: row.state };
        count.set(labels, row.count);
        oldest.set(labels, Math.max(row.oldestSeconds, 0));
      }
    }
    this.mismatches.remove();
    const mismatch = rows?.find(({ kind }) => kind === 'mismatch');
    if (mismatch) this.mismatches.set(mismatch.count);
  }
}

/** All webhook endpoints together: which there are is the business of tenants. */
export const endpoint = 'webhook_endpoint';
