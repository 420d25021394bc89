import type { Timestamp, Page, PageRequest } from '@redress/domain';
import type { Delivery, DeliveryAttempt, DeliveryState, WebhookEndpoint } from './endpoint';

/** What one endpoint hears of one exception, one event after the other. */
export type Lane = Readonly<{ tenant: string; endpointId: string; exceptionId: string }>;

/** The next event of a lane, for whoever claimed it until the lease ends. */
export type Claimed = Readonly<{
  eventId: string;
  /** Which attempt this is, of all, and since it was last asked for. */
  attempt: number;
  attemptOfRound: number;
  /** The event, as it is in the history. */
  event: string;
  /** Not there when the endpoint is disabled or was deleted. */
  to?: Readonly<{ url: string; secrets: Buffer }>;
}>;

export type Attempted = Readonly<{
  at: Timestamp;
  ms: number;
  status?: number;
  problem?: string;
  next: Next;
}>;

/** It is over with it; or it is tried again then. */
export type Next = Readonly<{ state: 'DELIVERED' | 'DEAD' }> | Readonly<{ state: 'PENDING'; at: Timestamp }>;

/**
 * Where deliveries are. Each step also sees to the job that takes the next one, in the same commit: as long as a lane
 * has something to send, it has a job.
 */
export interface DeliveryStore {
  /** The first of the lane, when it is due and nobody has it: whoever has it is given until the lease ends. */
  claim(lane: Lane, now: Timestamp, leaseUntil: Timestamp): Promise<Claimed | undefined>;
  /** What came of it. Does nothing to a delivery that somebody else has claimed since. */
  report(lane: Lane, claimed: Claimed, attempted: Attempted): Promise<void>;
  /** Gives it back unsent, for later. */
  release(lane: Lane, claimed: Claimed, until: Timestamp): Promise<void>;
  /** Has the lane looked at later. */
  putOff(lane: Lane, until: Timestamp): Promise<void>;
  /** Nothing of what waits is sent any more: of the lane, or of all lanes when the endpoint asked for that. */
  skip(lane: Lane): Promise<void>;
  disable(lane: Lane, reason: string, at: Timestamp): Promise<void>;
}

export type DeliveryFilter = Readonly<{ state?: readonly DeliveryState[]; exceptionId?: readonly string[] }>;
export type ToldDelivery = Delivery & Readonly<{ history: readonly DeliveryAttempt[] }>;

/** Nothing of another tenant is ever in them. */
export abstract class EndpointReads {
  abstract endpoints(tenant: string, page: PageRequest): Promise<Page<WebhookEndpoint>>;
  /** Here and below: undefined = there is no such endpoint. */
  abstract endpoint(tenant: string, id: string): Promise<WebhookEndpoint | undefined>;
  abstract deliveries(
    tenant: string,
    endpointId: string,
    filter: DeliveryFilter,
    page: PageRequest,
  ): Promise<Page<ToldDelivery> | undefined>;
}
