import {
  isSuccess,
  retryAfterMs,
  signWebhook,
  type EgressAnswer,
  type EgressRequest,
  type CircuitBreaker,
  type CircuitBreakers,
} from '@redress/connectors';
import { laterBy, nextAttemptAt, timestamp, type Timestamp } from '@redress/domain';
import type { Vault } from '@redress/domain/integrations';
import { isBrokenCircuitError } from 'cockatiel';
import type { Claimed, DeliveryStore, Lane, Next } from './delivery-store';
import { eventBody } from './event-body';
import { secretsOf } from './endpoint-secrets';

/** How long an endpoint has to answer. */
export const answerTimeoutMs = 20_000;
/** Who sent and was not heard of again for so long is taken for gone: well after the time to answer. */
export const leaseMs = 30_000;
/** Lanes of one endpoint that wait in memory while others are sent to it. */
const longestQueue = 1000;
/** When to try again what failed here, not there. */
const ownFaultMs = 5 * 60_000;

export type DelivererOptions = Readonly<{
  deliveries: DeliveryStore;
  keys: Vault;
  egress: Readonly<{ request: (request: EgressRequest) => Promise<EgressAnswer> }>;
  /** One gate for each endpoint. */
  gates: CircuitBreakers;
  clock: () => Date;
  /** Requests that this process has under way at the same time, to all endpoints together. */
  most?: number;
  failed: (error: unknown) => void;
  /** How long an endpoint has to answer. */
  timeoutMs: number;
}>;

/** They say that the endpoint has too much to do, or that what stands before it cannot reach it. */
const overloaded = [429, 502, 503, 504];
const gone = 410;

/**
 * Tells endpoints of events: at least once, in the order of each exception. A job is no more than the alarm: it claims
 * what is due and goes back to its queue, while the request goes on beside it. So an endpoint that does not answer keeps
 * no worker waiting, and whatever happens to this process, the lease ends and somebody else sends again.
 */
export class Deliverer {
  private readonly underWay = new Set<Promise<void>>();
  private readonly waiting = new WeakMap<CircuitBreaker, Lane[]>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: DelivererOptions) {}

  /** `id` is that of the lane: endpoint, dot, exception. */
  async deliver({ tenant, id }: Readonly<{ tenant: string; id: string }>): Promise<void> {
    const { deliveries, gates, most = 100 } = this.options;
    const [endpointId = '', exceptionId = ''] = id.split('.');
    const lane = { tenant, endpointId, exceptionId };
    const gate = gates.of(tenant, endpointId);
    const blocked = this.underWay.size >= most ? { afterMs: 500 } : gate.blocked();
    if (blocked && 'isBusy' in blocked) return this.queue(lane, gate);
    if (blocked) {
      // All that wait for their turn have an alarm, too.
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

  /** Its turn comes with the end of another; the alarm is for the case that this process does not live to see it. */
  private async queue(lane: Lane, gate: CircuitBreaker): Promise<void> {
    await this.options.deliveries.putOff(lane, this.later(this.leaseMs));
    const waiting = this.waiting.get(gate) ?? [];
    if (waiting.length < longestQueue) waiting.push(lane);
    this.waiting.set(gate, waiting);
    if (!gate.blocked()) this.takeNext(gate);
  }

  private takeNext(gate: CircuitBreaker): void {
    const { tenant, endpointId, exceptionId } = this.waiting.get(gate)?.shift() ?? {};
    if (tenant === undefined || this.stopping.signal.aborted) return;
    this.keep(this.deliver({ tenant, id: `${endpointId}.${exceptionId}` }));
  }

  /** Until nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Gives what is under way so long to be answered; what is not, is sent again when its lease is over. */
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
    // None of these is an attempt: the gate was shut meanwhile; it is our own fault, as when a key is missing; we end.
    if (answer === undefined) return deliveries.release(lane, claimed, this.later(1000));
    if (answer === null) return deliveries.release(lane, claimed, this.later(ownFaultMs));
    if (answer.kind !== 'answer' && this.stopping.signal.aborted)
      return deliveries.release(lane, claimed, this.now());
    const at = timestamp(began);
    const ms = clock().getTime() - began.getTime();
    const attempted = { at, ms, ...told(answer), next: this.after(claimed, answer, gate) };
    await deliveries.report(lane, claimed, attempted);
    if (statusOf(answer) === gone)
      await deliveries.disable(lane, 'It answered 410: it wants to hear no more.', this.now());
  }

  private post(
    { tenant, endpointId }: Lane,
    { eventId, event }: Claimed,
    to: NonNullable<Claimed['to']>,
    at: Date,
  ): Promise<EgressAnswer> {
    const { keys, egress, timeoutMs } = this.options;
    const body = eventBody(event);
    const secrets = secretsOf(keys, tenant, { id: endpointId, secrets: to.secrets }, timestamp(at));
    return egress.request({
      method: 'POST',
      url: to.url,
      headers: { 'content-type': 'application/json', ...signWebhook(secrets, eventId, at, body) },
      body,
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.stopping.signal]),
    });
  }

  private after({ eventId, attemptOfRound }: Claimed, answer: EgressAnswer, gate: CircuitBreaker): Next {
    const status = statusOf(answer);
    if (isSuccess(status)) return { state: 'DELIVERED' };
    const planned = status === gone ? undefined : nextAttemptAt(eventId, attemptOfRound, this.now());
    if (planned === undefined) return { state: 'DEAD' };
    const asked = answer.kind === 'answer' && overloaded.includes(status) && answer.headers['retry-after'];
    const waitMs = retryAfterMs(asked || undefined, this.options.clock().getTime()) ?? 0;
    gate.hold(waitMs);
    const allowed = this.later(waitMs);
    return { state: 'PENDING', at: allowed > planned ? allowed : planned };
  }

  /** Who has sent and was not heard of again for so long is taken for gone: well after the time to answer. */
  private get leaseMs(): number {
    return this.options.timeoutMs * 1.5;
  }

  private now(): Timestamp {
    return timestamp(this.options.clock());
  }

  private later(ms: number): Timestamp {
    return laterBy(this.now(), ms);
  }
}

/** The status decides, also when the answer broke off after its head; 0 when none came. */
const statusOf = (answer: EgressAnswer): number => ('status' in answer && answer.status) || 0;

/** Whether an answer says that the endpoint is in trouble, rather than in disagreement with what it was sent. */
export const isTrouble = (answer: unknown): boolean => {
  const { kind, status } = answer as { kind: EgressAnswer['kind']; status?: number };
  return kind !== 'answer' || status === undefined || status >= 500 || status === 429;
};

function told(answer: EgressAnswer): { status?: number; problem?: string } {
  const status = statusOf(answer);
  if (isSuccess(status)) return { status };
  if (answer.kind !== 'answer') return { problem: answer.problem };
  const why = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return { status, problem: `It answered ${status}${why}.` };
}
