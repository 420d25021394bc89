import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import type { Blocked, Found, Sent } from '@redress/domain';

/** Whether an answer says that the other side is in trouble. */
type IsTrouble = (answer: unknown) => boolean;

export type GateOptions = Readonly<{
  /** Calls to one target at a time. */
  concurrency: number;
  /** Failures in a row that stop all calls for a while. */
  failures: number;
  pauseMs: number;
}>;

export const defaultGate: GateOptions = { concurrency: 4, failures: 5, pauseMs: 30_000 };

/**
 * Stands before one target of one tenant, so that a dead or slow one neither takes all workers nor is asked again and
 * again. What is blocked goes back to the schedule without having used up an attempt.
 */
export class Gate {
  private readonly breaker;
  private inside = 0;
  private openUntil = 0;

  constructor(
    private readonly options: GateOptions,
    isTrouble: IsTrouble = isFailure,
  ) {
    this.breaker = circuitBreaker(handleWhenResult(isTrouble), {
      breaker: new ConsecutiveBreaker(options.failures),
      halfOpenAfter: options.pauseMs,
    });
    this.breaker.onBreak(() => this.hold(options.pauseMs));
  }

  /** The other side asked to be left alone for so long. */
  hold(ms: number): void {
    this.openUntil = Math.max(this.openUntil, Date.now() + ms);
  }

  /** Undefined when somebody may go in now. */
  blocked(): (Blocked & Readonly<{ isBusy?: true }>) | undefined {
    const { state } = this.breaker;
    const pause = Math.max(this.openUntil - Date.now(), 0);
    const isTrying = state === CircuitState.HalfOpen;
    if (pause > 0 || isTrying)
      return {
        problem: 'It has failed too often in a row; it is left alone for a while.',
        afterMs: pause + 1000,
      };
    if (this.inside >= this.options.concurrency)
      return { problem: 'Others are being sent there; it waits for its turn.', afterMs: 500, isBusy: true };
    return undefined;
  }

  async pass<A>(call: () => Promise<A>): Promise<A> {
    this.inside++;
    try {
      return await this.breaker.execute(call);
    } finally {
      this.inside--;
    }
  }
}

/** What says that the other side is in trouble. A refusal or an empty answer says that it is well. */
const isFailure = (answer: unknown): boolean =>
  ['not_sent', 'unknown', 'unavailable'].includes((answer as Sent | Found).outcome);

/** One gate for each target of each tenant. */
export class Gates {
  private readonly gates = new Map<string, Gate>();

  constructor(
    private readonly options: GateOptions = defaultGate,
    private readonly isTrouble?: IsTrouble,
  ) {}

  of(tenant: string, target: string): Gate {
    const name = `${target} ${tenant}`;
    let gate = this.gates.get(name);
    if (!gate) this.gates.set(name, (gate = new Gate(this.options, this.isTrouble)));
    return gate;
  }
}
