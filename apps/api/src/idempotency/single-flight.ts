import { setTimeout as pause } from 'node:timers/promises';

type Flight<A> = Readonly<{ fingerprint: string; landed: Promise<A | undefined> }>;

export type Boarding<A> =
  | Readonly<{ answered: A; joined: boolean }>
  /** Another request is running under this key. */
  | Readonly<{ refused: 'other_request' | 'still_running' }>;

/**
 * Requests running in this process, by idempotency key: the second of two equal ones waits for the first and shares
 * its answer, which spares the database the race. What decides between processes is the database alone.
 */
export class Flights<A> {
  private readonly running = new Map<string, Flight<A>>();

  constructor(private readonly waitMs: number) {}

  /** `kept` finds what was answered under this key to this very request before, wherever that was. */
  async board(
    key: string,
    fingerprint: string,
    fly: () => Promise<A>,
    kept: () => Promise<A | undefined>,
  ): Promise<Boarding<A>> {
    const deadline = Date.now() + this.waitMs;
    for (;;) {
      const other = this.running.get(key);
      if (!other) return { answered: await this.takeOff(key, fingerprint, fly), joined: false };
      if (other.fingerprint !== fingerprint) return this.beside(await kept());
      const answer = await Promise.race([other.landed, pause(Math.max(0, deadline - Date.now()), late)]);
      if (answer === late) return { refused: 'still_running' };
      if (answer !== undefined) return { answered: answer, joined: true };
      // The other one failed and left no trace, so this one is the first again.
    }
  }

  /** Another request is running under the key; it may itself be the one that came too late for it. */
  private beside(kept: A | undefined): Boarding<A> {
    return kept === undefined ? { refused: 'other_request' } : { answered: kept, joined: false };
  }

  private async takeOff(key: string, fingerprint: string, fly: () => Promise<A>): Promise<A> {
    const flight = fly();
    this.running.set(key, { fingerprint, landed: flight.catch(() => undefined) });
    try {
      return await flight;
    } finally {
      this.running.delete(key);
    }
  }
}

const late = Symbol('late');
