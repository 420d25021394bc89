import { withTimeout } from '../with-timeout';

type Flight<A> = Readonly<{ fingerprint: string; landed: Promise<A | undefined> }>;

export type FlightOutcome<A> =
  /** `joined`: it is the answer to another request of the same key and fingerprint. */
  | Readonly<{ answer: A; joined: boolean }>
  /** A request with this key and another fingerprint is running, or one with the same for longer than is waited. */
  | Readonly<{ refused: 'other_request' | 'still_running' }>;

/**
 * Single-flight: of the requests that run in this process under one key, the first does the work, and those with the same
 * fingerprint wait for its answer. This spares the database their race; between processes the database alone decides.
 */
export class SingleFlight<A> {
  private readonly running = new Map<string, Flight<A>>();

  /** `waitMs`: how long a request waits for the one that it joined. */
  constructor(private readonly waitMs: number) {}

  /** Runs `work`, or joins the flight of this key. What fails leaves no trace, so those who had joined run it themselves. */
  async run(key: string, fingerprint: string, work: () => Promise<A>): Promise<FlightOutcome<A>> {
    const deadline = performance.now() + this.waitMs;
    for (;;) {
      const other = this.running.get(key);
      if (!other) return { answer: await this.start(key, fingerprint, work), joined: false };
      if (other.fingerprint !== fingerprint) return { refused: 'other_request' };
      const waitMs = Math.max(0, deadline - performance.now());
      // `landed` never rejects, so what is caught is the deadline.
      const answer = await withTimeout(waitMs, other.landed, stillRunning).catch((): typeof late => late);
      if (answer === late) return { refused: 'still_running' };
      if (answer !== undefined) return { answer, joined: true };
    }
  }

  private async start(key: string, fingerprint: string, work: () => Promise<A>): Promise<A> {
    const flight = work();
    this.running.set(key, { fingerprint, landed: flight.catch(() => undefined) });
    try {
      return await flight;
    } finally {
      this.running.delete(key);
    }
  }
}

const late = Symbol('late');
const stillRunning = (): Error => new Error('The request that was joined is still running.');
