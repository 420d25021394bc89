import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from 'cockatiel';
import type { LookupResult, SendResult } from '@redress/domain';
import type { Blocked } from '@redress/domain/integrations';

/** Decides whether an answer counts as a failure of the external system. */
export type IsTrouble = (answer: unknown) => boolean;

/** The limits of one circuit breaker. */
export type CircuitBreakerOptions = Readonly<{
  /** Calls to one target at the same time, at most. */
  concurrency: number;
  /** Failures in a row that open the circuit. */
  failures: number;
  /** How long an open circuit lets no call through. */
  pauseMs: number;
}>;

/** The states of a circuit breaker, of which `closed` is the good one. */
export const circuitBreakerStates = ['closed', 'half_open', 'open'] as const;
/** The state of a circuit breaker. */
export type CircuitBreakerState = (typeof circuitBreakerStates)[number];

/** Four calls at a time; five failures in a row open the circuit for 30 seconds. */
export const defaultCircuitBreaker: CircuitBreakerOptions = { concurrency: 4, failures: 5, pauseMs: 30_000 };

/**
 * Circuit breaker and bulkhead of one target of one tenant, so that a dead or slow system neither occupies all workers nor
 * is called again and again. A blocked call goes back to the schedule without having used up an attempt.
 */
export class CircuitBreaker {
  private readonly breaker;
  private inside = 0;
  private openUntil = 0;

  constructor(
    private readonly options: CircuitBreakerOptions,
    isTrouble: IsTrouble = isFailure,
  ) {
    this.breaker = circuitBreaker(handleWhenResult(isTrouble), {
      breaker: new ConsecutiveBreaker(options.failures),
      // It would measure the pause by the wall clock, which may step: `hold` keeps it by the monotonic one.
      halfOpenAfter: -Infinity,
    });
    this.breaker.onBreak(() => this.hold(options.pauseMs));
  }

  /** Lets no call through for so long, as the external system asked (`Retry-After`). */
  hold(ms: number): void {
    this.openUntil = Math.max(this.openUntil, performance.now() + ms);
  }

  /** Why no call can be made now, and when to try again; undefined when one can. */
  blocked(): (Blocked & Readonly<{ isBusy?: true }>) | undefined {
    const { state } = this.breaker;
    const pause = Math.max(this.openUntil - performance.now(), 0);
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

  /** How many calls it lets through at the same time: one while it is not known whether the target answers again. */
  get places(): number {
    return this.breaker.state === CircuitState.Closed ? this.options.concurrency : 1;
  }

  /** `half_open`: one call is let through to see whether the target answers again. */
  get state(): CircuitBreakerState {
    if (this.openUntil > performance.now()) return 'open';
    return this.breaker.state === CircuitState.Closed ? 'closed' : 'half_open';
  }

  /** Makes a call and counts its outcome. Throws `BrokenCircuitError` of cockatiel when the circuit is open. */
  async pass<A>(call: () => Promise<A>): Promise<A> {
    if (this.breaker.state === CircuitState.Open && this.openUntil > performance.now())
      throw new BrokenCircuitError();
    this.inside++;
    try {
      return await this.breaker.execute(call);
    } finally {
      this.inside--;
    }
  }
}

/** A call failed when the system could not be reached or gave no clear answer; a refusal is an answer. */
const isFailure = (answer: unknown): boolean =>
  ['not_sent', 'unknown', 'unavailable'].includes((answer as SendResult | LookupResult).outcome);

/** One circuit breaker for each target of each tenant. */
export class CircuitBreakers {
  private readonly breakers = new Map<string, CircuitBreaker>();

  constructor(
    private readonly options: CircuitBreakerOptions = defaultCircuitBreaker,
    private readonly isTrouble?: IsTrouble,
  ) {}

  /** The circuit breaker of one target of one tenant; the same object each time. */
  of(tenant: string, target: string): CircuitBreaker {
    const name = `${target} ${tenant}`;
    let breaker = this.breakers.get(name);
    if (!breaker) this.breakers.set(name, (breaker = new CircuitBreaker(this.options, this.isTrouble)));
    return breaker;
  }

  /** How many circuit breakers of each target are in which state, of all tenants together. */
  counts(): readonly Readonly<{ target: string; state: CircuitBreakerState; count: number }>[] {
    const counts = new Map<string, { target: string; state: CircuitBreakerState; count: number }>();
    for (const [name, { state }] of this.breakers) {
      const target = name.slice(0, name.indexOf(' '));
      const known = counts.get(`${target} ${state}`) ?? { target, state, count: 0 };
      counts.set(`${target} ${state}`, { ...known, count: known.count + 1 });
    }
    return [...counts.values()];
  }
}
