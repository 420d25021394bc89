import type { AttemptReport } from '../webhook/delivery.lifecycle';
import type { NextState } from '../webhook/decide-attempt';
import type { Timestamp } from '../value/timestamp';
import type { Ciphertext } from './vault';

/** The events of one exception for one endpoint: they are delivered one after the other, in the order of the history. */
export type Lane = DeliveryEndpoint & Readonly<{ exceptionId: string }>;

/** One webhook endpoint of a tenant: all its lanes. */
export type DeliveryEndpoint = Readonly<{ tenant: string; endpointId: string }>;

/** The next delivery of a lane, leased to the worker that claimed it. */
export type Claimed = Readonly<{
  exceptionId: string;
  eventId: string;
  /** The number of this attempt, counted from 1. */
  attempt: number;
  /** The same, counted since the delivery was made or last replayed. */
  attemptOfRound: number;
  /** The event as JSON text, exactly as the history has it. */
  event: string;
  /** Missing when the endpoint is disabled or deleted. */
  to?: Readonly<{ url: string; secrets: Ciphertext }>;
}>;

/** An attempt, and what follows from it. */
export type Attempted = AttemptReport & Readonly<{ next: NextState }>;

/**
 * Where workers get deliveries from. Each method is one commit, and carries out what `decideDelivery` decides. Where jobs
 * drive the workers, an endpoint with something to send always has one job, whatever the number of its lanes.
 */
export interface DeliveryStore {
  /**
   * The first deliveries of lanes that are due, of at most `most` lanes (1 unless given), the longest due first; other claims
   * get none of them until the lease ends. Schedules the job of the endpoint for the time when the next one is due. When
   * `most` were claimed the caller is to claim again, and the job is scheduled for the end of the lease.
   */
  claim(
    endpoint: DeliveryEndpoint,
    now: Timestamp,
    leaseUntil: Timestamp,
    most?: number,
  ): Promise<readonly Claimed[]>;
  /** Keeps the attempt. A late report, after another claim, changes nothing else. */
  report(lane: Lane, claimed: Claimed, attempted: Attempted): Promise<void>;
  /** Gives a claimed delivery back without an attempt. */
  release(lane: Lane, claimed: Claimed, until: Timestamp): Promise<void>;
  /** Schedules the job of the endpoint for later, however many events come meanwhile. Changes no delivery. */
  putOff(endpoint: DeliveryEndpoint, until: Timestamp): Promise<void>;
  /** Schedules the job of the endpoint, which new events schedule earlier. Changes no delivery. */
  resume(endpoint: DeliveryEndpoint, at: Timestamp): Promise<void>;
  /** Skips what is to be sent in the lane. */
  skip(lane: Lane): Promise<void>;
  /** Disables the endpoint, and skips what is to be sent in all its lanes. */
  disable(endpoint: DeliveryEndpoint, reason: string, at: Timestamp): Promise<void>;
}
