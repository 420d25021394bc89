import type { Lifecycle } from '../lifecycle';
import type { Timestamp } from '../value/timestamp';

/** The states of a delivery of one event to one webhook endpoint. */
export const deliveryStates = ['PENDING', 'SENDING', 'DELIVERED', 'DEAD', 'SKIPPED'] as const;
/**
 * PENDING: it will be sent when its time has come. SENDING: a worker has claimed it, until the lease ends. DELIVERED: the
 * endpoint answered 2xx. DEAD: a dead letter, no attempt is left. SKIPPED: its endpoint was disabled or deleted.
 */
export type DeliveryState = (typeof deliveryStates)[number];

/** What a worker reports of one attempt: when it began, how long it took, and the answer. */
export type AttemptReport = Readonly<{
  at: Timestamp;
  /** Milliseconds until the answer. */
  ms: number;
  /** HTTP status of the answer. */
  status?: number;
  /** Why it was not delivered, as a sentence. */
  problem?: string;
}>;

/** `attempt` is the number that `claim` gave to it: a worker whose lease has ended and was given to another is refused. */
export type DeliveryCommand =
  /** A lease: the event is about to be sent. Possible once it is due, and once the lease before has ended. */
  | Readonly<{ type: 'claim'; leaseUntil: Timestamp }>
  /** The endpoint has taken the event. */
  | (Readonly<{ type: 'deliver'; attempt: number }> & AttemptReport)
  /** It has not. The next attempt is made at `next`; without it there is none. */
  | (Readonly<{ type: 'fail'; attempt: number; next?: Timestamp }> & AttemptReport)
  /** It was not sent after all, which does not count as an attempt. */
  | Readonly<{ type: 'release'; attempt: number; until: Timestamp }>
  /** Its endpoint is disabled or deleted. */
  | Readonly<{ type: 'skip' }>
  /** A person has it sent again, now and with a whole schedule of attempts. While it is being sent it stays as it is. */
  | Readonly<{ type: 'replay' }>;

/** The commands to a delivery, by their names. */
export type DeliveryCommandType = DeliveryCommand['type'];

/** At-least-once delivery with leases. Events for a disabled endpoint are SKIPPED from the start. */
export const deliveryLifecycle: Lifecycle<DeliveryState, DeliveryCommandType> = {
  initial: ['PENDING', 'SKIPPED'],
  moves: {
    PENDING: { claim: 'SENDING', skip: 'SKIPPED', replay: 'PENDING' },
    SENDING: {
      // After the lease has ended: the worker before is taken for dead.
      claim: 'SENDING',
      deliver: 'DELIVERED',
      fail: ['PENDING', 'DEAD'],
      release: 'PENDING',
      skip: 'SKIPPED',
      replay: 'SENDING',
    },
    DELIVERED: { replay: 'PENDING' },
    DEAD: { replay: 'PENDING' },
    SKIPPED: { replay: 'PENDING' },
  },
};
