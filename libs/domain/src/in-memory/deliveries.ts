import type { Attempted, Claimed, DeliveryEndpoint, DeliveryStore, Lane } from '../ports/delivery-store';
import { ok } from '../result';
import type { Timestamp } from '../value/timestamp';
import { disableEndpoint } from '../webhook/decide-endpoint';
import { decideDelivery, dueAt, type Delivery } from '../webhook/delivery';
import type { DeliveryCommand } from '../webhook/delivery.lifecycle';
import { deliveryKey, type InMemoryDatabase } from './database';
import { compareText } from './paging';
import type { Tables } from './tables';
import { decideIn, skipDeliveries } from './webhook-endpoints';

/** Deliveries for workers. It schedules no jobs: the caller claims from each lane at any time. */
export class InMemoryDeliveries implements DeliveryStore {
  constructor(private readonly database: InMemoryDatabase) {}

  async claim(
    endpoint: DeliveryEndpoint,
    now: Timestamp,
    leaseUntil: Timestamp,
    most = 1,
  ): Promise<readonly Claimed[]> {
    const claimed: Claimed[] = [];
    await this.inTables(endpoint, (t) => {
      const due = [...headsOfLanes(t).values()]
        .filter((head) => head.endpointId === endpoint.endpointId && (dueAt(head) ?? '') <= now)
        .sort((a, b) => compareText(dueAt(a) ?? '', dueAt(b) ?? ''));
      for (const head of due.slice(0, most)) {
        const decided = decideDelivery(head, { type: 'claim', leaseUntil }, now);
        if (!decided.ok) continue;
        t.deliveries.set(deliveryKey(decided.value), decided.value);
        claimed.push(claimOf(t, decided.value));
      }
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

  async resume(): Promise<void> {
    // Nor here.
  }

  skip(lane: Lane): Promise<void> {
    return this.inTables(lane, (t) => {
      // The time of a command that is not due at a time makes no difference.
      skipDeliveries(t, (delivery) => isIn(lane, delivery), '');
    });
  }

  disable(endpoint: DeliveryEndpoint, reason: string, at: Timestamp): Promise<void> {
    return this.inTables(endpoint, (t) => {
      const before = t.endpoints.get(endpoint.endpointId);
      const disabled = before && disableEndpoint(before, reason, at);
      if (disabled) t.endpoints.set(disabled.id, disabled);
      skipDeliveries(t, ({ endpointId }) => endpointId === endpoint.endpointId, at);
    });
  }

  private async inTables({ tenant }: DeliveryEndpoint, change: (t: Tables) => void): Promise<void> {
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

/** The first delivery of each lane that is still to be sent. */
export function headsOfLanes(t: Tables): ReadonlyMap<string, Delivery> {
  const heads = new Map<string, Delivery>();
  for (const delivery of t.deliveries.values()) {
    const lane = `${delivery.endpointId}.${delivery.exceptionId}`;
    const head = heads.get(lane);
    const isOpen = delivery.state === 'PENDING' || delivery.state === 'SENDING';
    if (isOpen && (!head || delivery.seq < head.seq)) heads.set(lane, delivery);
  }
  return heads;
}

function claimOf(t: Tables, delivery: Delivery): Claimed {
  const endpoint = t.endpoints.get(delivery.endpointId);
  const event = t.history.find(({ id }) => id === delivery.eventId);
  const isReachable = endpoint?.state === 'ENABLED' && !endpoint.deletedAt;
  return {
    exceptionId: delivery.exceptionId,
    eventId: delivery.eventId,
    attempt: delivery.attempts,
    attemptOfRound: delivery.attempts - delivery.attemptsBefore,
    event: JSON.stringify(event),
    ...(isReachable && { to: { url: endpoint.url, secrets: endpoint.secrets ?? '' } }),
  };
}
