import { laterBy, timestamp, type Timestamp } from '@redress/domain';
import {
  decideAttempt,
  isEndpointTrouble,
  signingSecrets,
  type Claimed,
  type DeliveryStore,
  type EndpointAnswer,
  type Lane,
  type Vault,
} from '@redress/domain/integrations';
import { isBrokenCircuitError } from 'cockatiel';
import type { EgressAnswer, EgressRequest } from '../egress/egress';
import type { CircuitBreaker, CircuitBreakerOptions, CircuitBreakers } from '../kit/circuit-breaker';
import { retryAfterMs } from '../kit/retry-after';
import { signWebhook } from '../kit/standard-webhooks';
import { eventBody } from './event-body';

/** Lanes of one endpoint that wait in memory while others are sent to it. */
const maxQueued = 1000;
/** When a delivery is tried again that has failed on this side, as when a key is missing. */
const ownFaultMs = 5 * 60_000;
/** A lease is longer than the time to answer by this factor, so that it ends only when its worker is gone. */
const leasePerTimeout = 1.5;

/** What a delivery worker needs: stored deliveries, decrypted secrets, the guarded way out, and its limits. */
export type DeliveryWorkerOptions = Readonly<{
  deliveries: DeliveryStore;
  vault: Vault;
  egress: Readonly<{
    /** One request through the guarded way out, which checks its address. */
    request: (request: EgressRequest) => Promise<EgressAnswer>;
  }>;
  /** One circuit breaker for each endpoint. */
  gates: CircuitBreakers;
  /** The present time. */
  clock: () => Date;
  /** Requests of this process at the same time, to all endpoints together; 100 unless set. */
  most?: number;
  /** Called with an error that is not the endpoint's, such as that of the database. */
  failed: (error: unknown) => void;
  /** How long an endpoint has to answer, in milliseconds. */
  timeoutMs: number;
  /** Called with every attempt: the state that follows, and the status of the answer, if there was one. */
  observed?: (attempt: ObservedDelivery) => void;
}>;

/** One attempt to deliver an event, for metrics. `PENDING`: it is tried again. */
export type ObservedDelivery = Readonly<{
  state: 'DELIVERED' | 'PENDING' | 'DEAD';
  status?: number;
  seconds: number;
}>;

/** Of one endpoint: requests at the same time, and how long it is left alone after so many failures in a row. */
export const endpointCircuitBreaker: CircuitBreakerOptions = { concurrency: 8, failures: 5, pauseMs: 30_000 };

/** What trips the circuit breaker of an endpoint. */
export const isTrouble = (answer: unknown): boolean => isEndpointTrouble(answer as EndpointAnswer);

/**
 * Delivers events to webhook endpoints: at least once, in the order of each exception. A job is only the alarm: it claims
 * what is due and ends, while the request goes on beside it. So an endpoint that does not answer keeps no worker waiting,
 * and when this process dies, the lease ends and another process sends the event again.
 */
export class DeliveryWorker {
  private readonly underWay = new Set<Promise<void>>();
  private readonly waiting = new WeakMap<CircuitBreaker, Lane[]>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: DeliveryWorkerOptions) {}

  /** `id` names the lane: the ids of endpoint and exception, with a dot between them. */
  async deliver({ tenant, id }: Readonly<{ tenant: string; id: string }>): Promise<void> {
    const { deliveries, gates, most = 100 } = this.options;
    const [endpointId = '', exceptionId = ''] = id.split('.');
    const lane = { tenant, endpointId, exceptionId };
    const gate = gates.of(tenant, endpointId);
    const blocked = this.underWay.size >= most ? { afterMs: 500 } : gate.blocked();
    if (blocked && 'isBusy' in blocked) return this.queue(lane, gate);
    if (blocked) {
      // Every queued lane has a job as well.
      this.waiting.delete(gate);
      return deliveries.putOff(lane, this.later(blocked.afterMs * (1 + Math.random())));
    }
    const now = this.now();
    const claimed = await deliveries.claim(lane, now, laterBy(now, this.leaseMs));
    if (!claimed?.to) {
      if (claimed) await deliveries.skip(lane);
      return this.takeNext(gate);
    }
    this.keep(this.send(lane, claimed, claimed.to, gate).finally(() => this.takeNext(gate)));
  }

  /** Its turn comes when another request ends; the job is for the case that this process dies before. */
  private async queue(lane: Lane, gate: CircuitBreaker): Promise<void> {
    await this.options.deliveries.putOff(lane, this.later(this.leaseMs));
    const waiting = this.waiting.get(gate) ?? [];
    if (waiting.length < maxQueued) waiting.push(lane);
    this.waiting.set(gate, waiting);
    if (!gate.blocked()) this.takeNext(gate);
  }

  private takeNext(gate: CircuitBreaker): void {
    const { tenant, endpointId, exceptionId } = this.waiting.get(gate)?.shift() ?? {};
    if (tenant === undefined || this.stopping.signal.aborted) return;
    this.keep(this.deliver({ tenant, id: `${endpointId}.${exceptionId}` }));
  }

  /** Returns when no request is under way any more. */
  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Waits for the answers to requests under way, and aborts them after `withinMs`: they are sent again later. */
  async stop(withinMs: number): Promise<void> {
    const patience = setTimeout(() => this.stopping.abort(), withinMs);
    await this.idle();
    clearTimeout(patience);
  }

  private keep(sending: Promise<void>): void {
    const kept = sending.catch(this.options.failed).finally(() => this.underWay.delete(kept));
    this.underWay.add(kept);
  }

  private async send(
    lane: Lane,
    claimed: Claimed,
    to: NonNullable<Claimed['to']>,
    gate: CircuitBreaker,
  ): Promise<void> {
    const { deliveries, clock } = this.options;
    const began = clock();
    const answer = await gate
      .pass(() => this.post(lane, claimed, to, began))
      .catch((error: unknown) => {
        if (isBrokenCircuitError(error)) return undefined;
        this.options.failed(error);
        return null;
      });
    // None of these is an attempt: the circuit opened meanwhile, the fault is on this side, or the process ends.
    if (answer === undefined) return deliveries.release(lane, claimed, this.later(1000));
    if (answer === null) return deliveries.release(lane, claimed, this.later(ownFaultMs));
    if (answer.status === undefined && this.stopping.signal.aborted)
      return deliveries.release(lane, claimed, this.now());
    const at = timestamp(began);
    const ms = clock().getTime() - began.getTime();
    const { holdMs, disables, ...decided } = decideAttempt(claimed, answer, this.now());
    gate.hold(holdMs);
    const { status } = answer;
    this.options.observed?.({
      state: decided.next.state,
      ...(status !== undefined && { status }),
      seconds: ms / 1000,
    });
    await deliveries.report(lane, claimed, { at, ms, ...decided });
    if (disables !== undefined) await deliveries.disable(lane, disables, this.now());
  }

  private async post(
    { tenant, endpointId }: Lane,
    { eventId, event }: Claimed,
    to: NonNullable<Claimed['to']>,
    at: Date,
  ): Promise<EndpointAnswer> {
    const { vault, egress, timeoutMs, clock } = this.options;
    const body = eventBody(event);
    const secrets = signingSecrets(vault, tenant, { id: endpointId, ...to }, timestamp(at));
    const answer = await egress.request({
      method: 'POST',
      url: to.url,
      headers: { 'content-type': 'application/json', ...signWebhook(secrets, eventId, at, body) },
      body,
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.stopping.signal]),
    });
    return endpointAnswer(answer, clock());
  }

  private get leaseMs(): number {
    return this.options.timeoutMs * leasePerTimeout;
  }

  private now(): Timestamp {
    return timestamp(this.options.clock());
  }

  private later(ms: number): Timestamp {
    return laterBy(this.now(), ms);
  }
}

function endpointAnswer(answer: EgressAnswer, now: Date): EndpointAnswer {
  if (answer.kind === 'not_sent') return { problem: answer.problem };
  if (answer.kind === 'lost')
    return { problem: answer.problem, ...(answer.status !== undefined && { status: answer.status }) };
  const waitMs = retryAfterMs(answer.headers['retry-after'], now.getTime());
  return { status: answer.status, ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
}
