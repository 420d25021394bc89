import type { HistoryEvent } from '../change';
import { commandsFrom, move } from '../lifecycle';
import { ok, refuse, type Result } from '../result';
import { laterBy, type Timestamp } from '../value/timestamp';
import {
  deliveryLifecycle,
  type AttemptReport,
  type DeliveryCommand,
  type DeliveryState,
} from './delivery.lifecycle';
import { subscribesTo, type WebhookEndpoint } from './endpoint';

/** The delivery of one event to one endpoint. The two ids identify it. */
export type Delivery = Readonly<{
  endpointId: string;
  eventId: string;
  exceptionId: string;
  /** Place of the event in the history of its exception, counted from 1. */
  seq: number;
  /** Type of the event. */
  type: string;
  state: DeliveryState;
  /** Attempts that were made, the one under way included. */
  attempts: number;
  /** Those of them that were made before it was last replayed: the schedule of attempts starts anew there. */
  attemptsBefore: number;
  /** While PENDING. */
  nextAttemptAt?: Timestamp;
  /** While SENDING. */
  leaseUntil?: Timestamp;
  /** HTTP status of the last attempt, if it was answered. */
  lastStatus?: number;
  /** Why the last attempt has failed, as a sentence. */
  lastProblem?: string;
  deliveredAt?: Timestamp;
  createdAt: Timestamp;
}>;

/** One attempt to deliver, as it is kept and listed. */
export type DeliveryAttempt = Readonly<{ attempt: number }> & AttemptReport;

/** The delivery of an event to an endpoint; undefined when the endpoint does not subscribe to events of its type. */
export const newDelivery = (
  endpoint: WebhookEndpoint,
  { id, exceptionId, type, at }: HistoryEvent,
  seq: number,
): Delivery | undefined =>
  subscribesTo(endpoint, type)
    ? {
        endpointId: endpoint.id,
        eventId: id,
        exceptionId,
        seq,
        type,
        state: endpoint.state === 'ENABLED' ? 'PENDING' : 'SKIPPED',
        attempts: 0,
        attemptsBefore: 0,
        ...(endpoint.state === 'ENABLED' && { nextAttemptAt: at }),
        createdAt: at,
      }
    : undefined;

/** When a worker may claim it: undefined when it is not to be sent. */
export const dueAt = ({ state, nextAttemptAt, leaseUntil }: Delivery): Timestamp | undefined =>
  state === 'SENDING' ? leaseUntil : nextAttemptAt;

/** What becomes of a delivery. Refused, as what the table does not have: a claim before its time, and a late report. */
export function decideDelivery(
  delivery: Delivery,
  command: DeliveryCommand,
  now: Timestamp,
): Result<Delivery> {
  const { state } = delivery;
  const next = move(deliveryLifecycle, state, command.type);
  if (!next.ok) return next;
  const isEarly = command.type === 'claim' && (dueAt(delivery) ?? '') > now;
  const isLate = 'attempt' in command && command.attempt !== delivery.attempts;
  if (isEarly || isLate) {
    const allowed = commandsFrom(deliveryLifecycle, state).filter((type) => type !== command.type);
    return refuse({ code: 'not_allowed', command: command.type, status: state, allowed });
  }
  return ok(after(delivery, command, now));
}

function after(delivery: Delivery, command: DeliveryCommand, now: Timestamp): Delivery {
  const { nextAttemptAt: _due, leaseUntil: _lease, ...kept } = delivery;
  switch (command.type) {
    case 'claim':
      return { ...kept, state: 'SENDING', attempts: kept.attempts + 1, leaseUntil: command.leaseUntil };
    case 'deliver':
      return { ...answered(kept, command), state: 'DELIVERED', deliveredAt: laterBy(command.at, command.ms) };
    case 'fail':
      return command.next === undefined
        ? { ...answered(kept, command), state: 'DEAD' }
        : { ...answered(kept, command), state: 'PENDING', nextAttemptAt: command.next };
    case 'release':
      return { ...kept, state: 'PENDING', attempts: kept.attempts - 1, nextAttemptAt: command.until };
    case 'skip':
      return { ...kept, state: 'SKIPPED' };
    case 'replay':
      return delivery.state === 'SENDING'
        ? delivery
        : { ...kept, state: 'PENDING', nextAttemptAt: now, attemptsBefore: kept.attempts };
  }
}

const answered = (
  { lastStatus: _status, lastProblem: _problem, ...kept }: Delivery,
  { status, problem }: AttemptReport,
): Delivery => ({
  ...kept,
  ...(status !== undefined && { lastStatus: status }),
  ...(problem !== undefined && { lastProblem: problem }),
});
