import {
  EndpointReads,
  type AllDeliveriesFilter,
  type DeliveryFilter,
  type ListedDelivery,
} from '../ports/endpoint-store';
import type { EndpointTransaction } from '../ports/endpoint-store';
import type { Page, PageRequest } from '../ports/reads';
import type { Session, UnitOfWork } from '../ports/stores';
import type { Result } from '../result';
import { decideDelivery, type Delivery } from '../webhook/delivery';
import type { DeliveryCommand } from '../webhook/delivery.lifecycle';
import type { WebhookEndpoint } from '../webhook/endpoint';
import type { Timestamp } from '../value/timestamp';
import { deliveryKey, repliesIn, stale, staleOver, type InMemoryDatabase } from './database';
import { anyId, anyOf } from './exception-filter';
import type { Tables } from './tables';
import { compareText, pageOf } from './paging';

/** Units of work over webhook endpoints. */
export class InMemoryEndpointUnitOfWork implements UnitOfWork<EndpointTransaction> {
  constructor(private readonly database: InMemoryDatabase) {}

  run<T>(session: Session, work: (tx: EndpointTransaction) => Promise<Result<T>>): Promise<Result<T>> {
    return this.database.run(session, transactionOver, work);
  }
}

const transactionOver = (t: Tables, replyKey: string | undefined): EndpointTransaction => ({
  endpoints: {
    load: async (id) => presentEndpoint(t, id),
    count: async () => [...t.endpoints.values()].filter(({ deletedAt }) => !deletedAt).length,
    save: async (change) => {
      const { basedOn, state, skipsDeliveries } = change;
      if (staleOver(t.endpoints.get(state.id), basedOn)) return stale(change);
      t.endpoints.set(state.id, state);
      if (skipsDeliveries) skipDeliveries(t, ({ endpointId }) => endpointId === state.id, state.updatedAt);
    },
  },
  deliveries: {
    load: async (endpointId, eventId) => t.deliveries.get(deliveryKey({ endpointId, eventId })),
    within: async (endpointId, from, to, most) =>
      [...t.deliveries.values()]
        .filter(
          (one) =>
            one.endpointId === endpointId &&
            one.createdAt >= from &&
            one.createdAt < to &&
            one.state !== 'SENDING',
        )
        .sort((a, b) => compareText(a.eventId, b.eventId))
        .slice(0, most),
    again: async (deliveries, at) => {
      for (const asked of deliveries) {
        const kept = t.deliveries.get(deliveryKey(asked));
        if (!kept || kept.state === 'SENDING')
          return Promise.reject(new Error(`The delivery of ${asked.eventId} is being sent.`));
        decideIn(t, kept, { type: 'replay' }, at);
      }
    },
  },
  replies: repliesIn(t, replyKey),
});

const presentEndpoint = (t: Tables, id: string): WebhookEndpoint | undefined => {
  const endpoint = t.endpoints.get(id.toLowerCase());
  return endpoint?.deletedAt ? undefined : endpoint;
};

/** Applies a command if it is allowed. Returns whether it was. */
export function decideIn(t: Tables, delivery: Delivery, command: DeliveryCommand, now: Timestamp): boolean {
  const decided = decideDelivery(delivery, command, now);
  if (decided.ok) t.deliveries.set(deliveryKey(delivery), decided.value);
  return decided.ok;
}

export function skipDeliveries(t: Tables, which: (delivery: Delivery) => boolean, now: Timestamp): void {
  for (const delivery of t.deliveries.values())
    if (which(delivery)) decideIn(t, delivery, { type: 'skip' }, now);
}

/** Lists of endpoints and deliveries. */
export class InMemoryEndpointReads extends EndpointReads {
  constructor(private readonly database: InMemoryDatabase) {
    super();
  }

  async endpoints(tenant: string, page: PageRequest): Promise<Page<WebhookEndpoint>> {
    const all = [...this.database.tablesOf(tenant).endpoints.values()].filter(({ deletedAt }) => !deletedAt);
    return pageOf(
      all,
      page,
      ({ id }) => ({ sortValue: '', id }),
      (endpoint) => endpoint,
    );
  }

  async endpoint(tenant: string, id: string): Promise<WebhookEndpoint | undefined> {
    return presentEndpoint(this.database.tablesOf(tenant), id);
  }

  async deliveries(
    tenant: string,
    endpointId: string,
    filter: DeliveryFilter,
    page: PageRequest,
  ): Promise<Page<ListedDelivery> | undefined> {
    const t = this.database.tablesOf(tenant);
    const endpoint = presentEndpoint(t, endpointId);
    if (!endpoint) return undefined;
    const place = ({ eventId }: Delivery) => ({ sortValue: '', id: eventId });
    return pageOf(chosen(t, { ...filter, endpointId: [endpoint.id] }), page, place, withHistory(t));
  }

  async allDeliveries(
    tenant: string,
    filter: AllDeliveriesFilter,
    page: PageRequest,
  ): Promise<Page<ListedDelivery>> {
    const t = this.database.tablesOf(tenant);
    const place = ({ eventId, endpointId }: Delivery) => ({ sortValue: eventId, id: endpointId });
    return pageOf(chosen(t, filter), page, place, withHistory(t));
  }
}

const chosen = (t: Tables, { state, exceptionId, endpointId }: AllDeliveriesFilter): readonly Delivery[] =>
  [...t.deliveries.values()].filter(
    (delivery) =>
      anyOf(state, delivery.state) &&
      anyId(exceptionId, delivery.exceptionId) &&
      anyId(endpointId, delivery.endpointId),
  );

const withHistory =
  (t: Tables) =>
  (delivery: Delivery): ListedDelivery => ({
    ...delivery,
    history: t.deliveryAttempts.get(deliveryKey(delivery)) ?? [],
  });
