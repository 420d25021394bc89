import { laterBy, timestamp, type Timestamp } from '@redress/domain';
import {
  decideAttempt,
  signingSecrets,
  type Claimed,
  type DeliveryEndpoint,
  type DeliveryStore,
  type EndpointAnswer,
  type Lane,
  type Vault,
} from '@redress/domain/integrations';
import { isBrokenCircuitError } from 'cockatiel';
import { CiphertextBroken } from '../kit/secrets-errors';
import type { EgressAnswer, EgressRequest } from '../egress/egress';
import type { CircuitBreaker, CircuitBreakers } from '../kit/circuit-breaker';
import { signWebhook } from '../kit/standard-webhooks';
import { endpointAnswer } from './endpoint-answer';
import { eventBody } from './event-body';

/** When a delivery is tried again that has failed on this side, as when a key is missing. */
const ownFaultMs = 5 * 60_000;
/** When an endpoint is looked at again where its deliveries could not be claimed, as while the database is away. */
const claimAgainMs = 1000;
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

/** Of the requests that a process may have under way, one tenant has at most this part: others always find a place. */
const tenantPart = 0.5;

/** What this process does for one endpoint. */
type Pump = { last: Promise<void>; next?: Promise<void>; claimed: number; retry?: NodeJS.Timeout };

/**
 * Delivers events to webhook endpoints: at least once, in the order of each exception. An endpoint has one job, which is only
 * the alarm: it claims what is due and ends, while requests go on beside it, and each that ends claims again. So an endpoint
 * that does not answer keeps no worker waiting, one that is left alone costs one job, and when this process dies, leases
 * end and another process sends the events again.
 */
export class DeliveryWorker {
  private readonly underWay = new Set<Promise<void>>();
  private readonly claiming = new Set<Promise<void>>();
  private readonly ofTenant = new Map<string, number>();
  private readonly pumps = new WeakMap<CircuitBreaker, Pump>();
  private readonly stopping = new AbortController();
  private isEnding = false;

  constructor(private readonly options: DeliveryWorkerOptions) {}

  /** Sends what is due to an endpoint. `id` names it; in a job of an earlier version an exception follows after a dot. */
  deliver({ tenant, id }: Readonly<{ tenant: string; id: string }>): Promise<void> {
    const [endpointId = ''] = id.split('.');
    return this.pump({ tenant, endpointId }, this.options.gates.of(tenant, endpointId));
  }

  /** One claim at a time for each endpoint. Resolves when one has ended that began after this call. */
  private pump(endpoint: DeliveryEndpoint, gate: CircuitBreaker): Promise<void> {
    let pump = this.pumps.get(gate);
    if (!pump) this.pumps.set(gate, (pump = { last: Promise.resolve(), claimed: 0 }));
    return (pump.next ??= this.claimAfter(pump.last, endpoint, gate, pump));
  }

  private claimAfter(
    last: Promise<unknown>,
    endpoint: DeliveryEndpoint,
    gate: CircuitBreaker,
    pump: Pump,
  ): Promise<void> {
    const next = last.then(() => {
      delete pump.next;
      return this.claim(endpoint, gate, pump);
    });
    const ended = next.catch(() => undefined).finally(() => this.claiming.delete(ended));
    this.claiming.add((pump.last = ended));
    return next;
  }

  private async claim(endpoint: DeliveryEndpoint, gate: CircuitBreaker, pump: Pump): Promise<void> {
    const { deliveries } = this.options;
    // Another process takes it over.
    if (this.isEnding) return deliveries.resume(endpoint, this.now());
    const blocked = gate.blocked();
    if (blocked && !('isBusy' in blocked))
      return deliveries.putOff(endpoint, this.later(blocked.afterMs * (1 + Math.random())));
    const ofEndpoint = gate.places - pump.claimed;
    // It claims again when a request ends; the job is for the case that this process dies before.
    if (ofEndpoint <= 0) return deliveries.putOff(endpoint, this.later(this.leaseMs));
    const places = Math.min(ofEndpoint, this.placesOf(endpoint.tenant));
    if (places <= 0) return deliveries.putOff(endpoint, this.later(500 * (1 + Math.random())));
    const now = this.now();
    const claimed = await deliveries.claim(endpoint, now, laterBy(now, this.leaseMs), places);
    for (const one of claimed) this.start(endpoint, one, gate, pump);
  }

  private placesOf(tenant: string): number {
    const { most = 100 } = this.options;
    const its = Math.max(1, Math.floor(most * tenantPart)) - (this.ofTenant.get(tenant) ?? 0);
    return Math.min(its, most - this.underWay.size);
  }

  private start(endpoint: DeliveryEndpoint, claimed: Claimed, gate: CircuitBreaker, pump: Pump): void {
    const { deliveries, failed } = this.options;
    const lane = { ...endpoint, exceptionId: claimed.exceptionId };
    this.count(endpoint.tenant, pump, 1);
    const sending = claimed.to ? this.send(lane, claimed, claimed.to, gate) : deliveries.skip(lane);
    const kept = sending.catch(failed).finally(() => {
      this.underWay.delete(kept);
      this.count(endpoint.tenant, pump, -1);
      this.claimAgain(endpoint, gate, pump);
    });
    this.underWay.add(kept);
  }

  /** After a request. The job is put off until the leases end, so what fails here is tried again here. */
  private claimAgain(endpoint: DeliveryEndpoint, gate: CircuitBreaker, pump: Pump): void {
    this.pump(endpoint, gate).catch((error: unknown) => {
      this.options.failed(error);
      if (this.isEnding) return;
      pump.retry ??= setTimeout(() => {
        delete pump.retry;
        this.claimAgain(endpoint, gate, pump);
      }, claimAgainMs).unref();
    });
  }

  private count(tenant: string, pump: Pump, change: 1 | -1): void {
    pump.claimed += change;
    const count = (this.ofTenant.get(tenant) ?? 0) + change;
    if (count > 0) this.ofTenant.set(tenant, count);
    else this.ofTenant.delete(tenant);
  }

  /** Returns when no request is under way any more. */
  async idle(): Promise<void> {
    while (this.underWay.size + this.claiming.size > 0)
      await Promise.allSettled([...this.underWay, ...this.claiming]);
  }

  /** Claims no more, waits for the answers to requests under way, and aborts them after `withinMs`: they are sent again later. */
  async stop(withinMs: number): Promise<void> {
    this.isEnding = true;
    const patience = setTimeout(() => this.stopping.abort(), withinMs);
    await this.idle();
    clearTimeout(patience);
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
    let secrets: readonly string[];
    try {
      secrets = signingSecrets(vault, tenant, { id: endpointId, ...to }, timestamp(at));
    } catch (error) {
      // The row has another address than the one that its secrets were encrypted for.
      if (error instanceof CiphertextBroken) return { problem: `Nothing was sent: ${error.message}` };
      throw error;
    }
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
