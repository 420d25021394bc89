import type { Attempted, Claimed, DeliveryStore, Lane } from '../ports/delivery-store';
import { ok } from '../result';
import type { Timestamp } from '../value/timestamp';
import { disableEndpoint } from '../webhook/decide-endpoint';
import { decideDelivery, type Delivery } from '../webhook/delivery';
import type { DeliveryCommand } from '../webhook/delivery.lifecycle';
import { deliveryKey, type InMemoryDatabase } from './database';
import type { Tables } from './tables';
import { decideIn, skipDeliveries } from './webhook-endpoints';

/** Deliveries for workers. It schedules no jobs: the caller claims from each lane at any time. */
export class InMemoryDeliveries implements DeliveryStore {
  constructor(private readonly database: InMemoryDatabase) {}

  async claim(lane: Lane, now: Timestamp, leaseUntil: Timestamp): Promise<Claimed | undefined> {
    let claimed: Claimed | undefined;
    await this.inTables(lane, (t) => {
      const head = headOf(t, lane);
      const decided = head && decideDelivery(head, { type: 'claim', leaseUntil }, now);
      if (!decided?.ok) return;
      t.deliveries.set(deliveryKey(decided.value), decided.value);
      claimed = claimOf(t, decided.value);
    });
    return claimed;
  }

  report(lane: Lane, { eventId, attempt }: Claimed, { next, ...report }: Attempted): Promise<void> {
    return this.inTables(lane, (t) => {
      const key = deliveryKey({ ...lane, eventId });
      const delivery = t.deliveries.get(key);
      if (!delivery) return;
      const made = t.deliveryAttempts.get(key) ?? [];
      if (!made.some((one) => one.attempt === attempt))
        t.deliveryAttempts.set(
          key,
          [...made, { attempt, ...report }].sort((a, b) => a.attempt - b.attempt),
        );
      const command: DeliveryCommand =
        next.state === 'DELIVERED'
          ? { type: 'deliver', attempt, ...report }
          : { type: 'fail', attempt, ...report, ...(next.state === 'PENDING' && { next: next.at }) };
      decideIn(t, delivery, command, report.at);
    });
  }

  release(lane: Lane, { eventId, attempt }: Claimed, until: Timestamp): Promise<void> {
    return this.inTables(lane, (t) => {
      const delivery = t.deliveries.get(deliveryKey({ ...lane, eventId }));
      if (delivery) decideIn(t, delivery, { type: 'release', attempt, until }, until);
    });
  }

  async putOff(): Promise<void> {
    // There are no jobs.
  }

  skip(lane: Lane): Promise<void> {
    return this.inTables(lane, (t) => {
      // The time of a command that is not due at a time makes no difference.
      skipDeliveries(t, (delivery) => isIn(lane, delivery), '');
    });
  }

  disable(lane: Lane, reason: string, at: Timestamp): Promise<void> {
    return this.inTables(lane, (t) => {
      const endpoint = t.endpoints.get(lane.endpointId);
      const disabled = endpoint && disableEndpoint(endpoint, reason, at);
      if (disabled) t.endpoints.set(disabled.id, disabled);
      skipDeliveries(t, ({ endpointId }) => endpointId === lane.endpointId, at);
    });
  }

  private async inTables({ tenant }: Lane, change: (t: Tables) => void): Promise<void> {
    await this.database.run(
      { tenant },
      (t) => t,
      async (t) => {
        change(t);
        return ok(undefined);
      },
    );
  }
}

const isIn = ({ endpointId, exceptionId }: Lane, delivery: Delivery): boolean =>
  delivery.endpointId === endpointId && delivery.exceptionId === exceptionId;

/** The first delivery of a lane that is still to be sent. */
const headOf = (t: Tables, lane: Lane): Delivery | undefined =>
  [...t.deliveries.values()]
    .filter((one) => isIn(lane, one) && (one.state === 'PENDING' || one.state === 'SENDING'))
    .sort((a, b) => a.seq - b.seq)[0];

function claimOf(t: Tables, delivery: Delivery): Claimed {
  const endpoint = t.endpoints.get(delivery.endpointId);
  const event = t.history.find(({ id }) => id === delivery.eventId);
  const isReachable = endpoint?.state === 'ENABLED' && !endpoint.deletedAt;
  return {
    eventId: delivery.eventId,
    attempt: delivery.attempts,
    attemptOfRound: delivery.attempts - delivery.attemptsBefore,
    event: JSON.stringify(event),
    ...(isReachable && { to: { url: endpoint.url, secrets: endpoint.secrets ?? '' } }),
  };
}
