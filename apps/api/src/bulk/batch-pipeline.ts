import { identityOf, type Raise } from '@redress/domain';

type Entry = Readonly<{ report: Raise }>;
type Flight = Readonly<{ identities: ReadonlySet<string>; landing: Promise<void> }>;

/**
 * Two batches are under way at a time: one is decided while the other is written. The earlier line of a file raises an
 * exception and the later one meets it, so a batch waits for the one before when they tell of the same.
 */
export class Flights<E extends Entry> {
  /** The latest two, the older one first. */
  private readonly flights: Flight[] = [];

  constructor(private readonly write: (batch: readonly E[]) => Promise<void>) {}

  /** Returns when the batch is under way; throws what an earlier one has failed of. */
  async start(batch: readonly E[]): Promise<void> {
    const identities = new Set(batch.map(({ report }) => identityOf(report)));
    const mustWait = () =>
      this.flights.length === 2 || this.flights.some((flight) => overlap(identities, flight.identities));
    while (mustWait()) await this.flights.shift()?.landing;
    const landing = this.write(batch);
    // Whoever waits for it hears of a failure; until then it must not count as unhandled.
    landing.catch(() => undefined);
    this.flights.push({ identities, landing });
  }

  /** Returns when all are written; throws what one of them has failed of. */
  async landed(): Promise<void> {
    while (this.flights.length) await this.flights.shift()?.landing;
  }

  /** Returns when nothing is under way any more, be it written or not. */
  async over(): Promise<void> {
    await Promise.allSettled(this.flights.map(({ landing }) => landing));
  }
}

function overlap(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const identity of some) if (others.has(identity)) return true;
  return false;
}
