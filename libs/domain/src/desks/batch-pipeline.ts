import type { Raise } from '../exception/report';
import { identityOf } from '../exception/identity';

type Entry = Readonly<{ report: Raise }>;
type Batch = Readonly<{ identities: ReadonlySet<string>; written: Promise<void> }>;

/** Batches under way at a time: one is decided while the one before is written. */
const maxUnderWay = 2;

/**
 * A pipeline of batches of reports. Of two reports of one exception the earlier raises it and the later sees it again, so
 * a batch waits for an earlier one that has a report of the same exception.
 */
export class BatchPipeline<E extends Entry> {
  /** Oldest first. */
  private readonly underWay: Batch[] = [];

  constructor(private readonly write: (batch: readonly E[]) => Promise<void>) {}

  /** Returns when the batch is under way. Rejects with the failure of an earlier batch. */
  async add(batch: readonly E[]): Promise<void> {
    const identities = new Set(batch.map(({ report }) => identityOf(report)));
    const mustWait = () =>
      this.underWay.length === maxUnderWay ||
      this.underWay.some((one) => overlap(identities, one.identities));
    while (mustWait()) await this.underWay.shift()?.written;
    const written = this.write(batch);
    // `add` and `finish` reject with a failure; until then it must not count as an unhandled rejection.
    written.catch(() => undefined);
    this.underWay.push({ identities, written });
  }

  /** Returns when all batches are written. Rejects with the failure of one. */
  async finish(): Promise<void> {
    while (this.underWay.length) await this.underWay.shift()?.written;
  }

  /** Returns when no batch is under way any more, written or failed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay.map(({ written }) => written));
  }
}

function overlap(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const identity of some) if (others.has(identity)) return true;
  return false;
}
