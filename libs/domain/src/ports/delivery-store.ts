import type { AttemptReport } from '../webhook/delivery.lifecycle';
import type { NextState } from '../webhook/decide-attempt';
import type { Timestamp } from '../value/timestamp';
import type { Ciphertext } from './vault';

/** The events of one exception for one endpoint: they are delivered one after the other, in the order of the history. */
export type Lane = Readonly<{ tenant: string; endpointId: string; exceptionId: string }>;

/** The next delivery of a lane, leased to the worker that claimed it. */
export type Claimed = Readonly<{
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
 * drive the workers, that commit also schedules the job of the lane: a lane with something to send always has a job.
 */
export interface DeliveryStore {
  /** The first delivery of the lane that is not over, if it is due; other claims get nothing until the lease ends. */
  claim(lane: Lane, now: Timestamp, leaseUntil: Timestamp): Promise<Claimed | undefined>;
  /** Keeps the attempt. A late report, after another claim, changes nothing else. */
  report(lane: Lane, claimed: Claimed, attempted: Attempted): Promise<void>;
  /** Gives a claimed delivery back without an attempt. */
  release(lane: Lane, claimed: Claimed, until: Timestamp): Promise<void>;
  /** Schedules the job of the lane for later. Changes no delivery. */
  putOff(lane: Lane, until: Timestamp): Promise<void>;
  /** Skips what is to be sent in the lane. */
  skip(lane: Lane): Promise<void>;
  /** Disables the endpoint, and skips what is to be sent in all its lanes. */
  disable(lane: Lane, reason: string, at: Timestamp): Promise<void>;
}
