import type { DataSource } from 'typeorm';
import { withTimeout } from '../with-timeout';

/** A sample is taken again after this time, in the background. */
const sampleEveryMs = 60_000;
/** After a sample that failed, the next one waits for so long. */
const pauseMs = 1000;
/** A sample that takes longer is given up. */
const sampleTimeoutMs = 5000;
/** An answer that took longer changes the offset only where it proves the offset wrong. */
const promptMs = 50;
/** A step of the wall clock against the monotonic one, as after a suspended machine: a reason for a sample. */
const stepMs = 500;

const clocks = new WeakMap<DataSource, DatabaseClock>();

/**
 * Clock of the database server, followed by this process. Deadlines are written by desks and compared by statements and by
 * other processes, so all of them need one clock. It is the monotonic clock of this process and its offset to the server's,
 * so a step of the wall clock of this machine changes no deadline.
 *
 * It is never behind the server, and ahead by at most the time of one round trip.
 */
export class DatabaseClock {
  /** Until the first sample, the clock of this machine. */
  private offsetMs = Date.now() - performance.now();
  private wallOffsetMs = this.offsetMs;
  private dueAt = -Infinity;
  private sampling: Promise<void> | undefined;

  private constructor(private readonly dataSource: DataSource) {}

  /** The clock of the server of a data source: one for each data source. */
  static of(dataSource: DataSource): DatabaseClock {
    let clock = clocks.get(dataSource);
    if (!clock) clocks.set(dataSource, (clock = new DatabaseClock(dataSource)));
    return clock;
  }

  /** The present time of the server. */
  readonly now = (): Date => {
    const monotonic = performance.now();
    const hasStepped = Math.abs(Date.now() - monotonic - this.wallOffsetMs) > stepMs;
    if (!this.sampling && (monotonic >= this.dueAt || hasStepped)) void this.sample();
    return new Date(monotonic + this.offsetMs);
  };

  /** Asks the server for its time. A failure leaves the clock as it is. */
  sample(): Promise<void> {
    return (this.sampling ??= this.follow()
      .then(
        () => (this.dueAt = performance.now() + sampleEveryMs),
        () => (this.dueAt = performance.now() + pauseMs),
      )
      .then(() => {
        this.wallOffsetMs = Date.now() - performance.now();
        this.sampling = undefined;
      }));
  }

  private async follow(): Promise<void> {
    const late = () => new Error('The database did not tell its time.');
    const { askedAt, serverMs, answeredAt } = await withTimeout(sampleTimeoutMs, this.ask(), late);
    const [least, most] = [serverMs - answeredAt, serverMs - askedAt];
    const isProven = this.offsetMs >= least && this.offsetMs <= most;
    if (answeredAt - askedAt <= promptMs || !isProven) this.offsetMs = most;
  }

  private async ask(): Promise<{ askedAt: number; serverMs: number; answeredAt: number }> {
    const session = this.dataSource.createQueryRunner();
    try {
      // Waiting for a connection is not part of the round trip.
      await session.connect();
      const askedAt = performance.now();
      const [{ ms }] = (await session.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms')) as [
        { ms: string },
      ];
      return { askedAt, serverMs: Number(ms), answeredAt: performance.now() };
    } finally {
      await session.release();
    }
  }
}
