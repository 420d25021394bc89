import type { Timestamp } from '../value/timestamp';
import type { Delivery, DeliveryAttempt } from '../webhook/delivery';
import type { DeliveryState } from '../webhook/delivery.lifecycle';
import type { EndpointChange, WebhookEndpoint } from '../webhook/endpoint';
import type { Page, PageRequest } from './reads';
import type { Ports, ReplyStore } from './stores';

/** The stores of a unit of work over webhook endpoints. The promises of `UnitOfWork` hold for it as well. */
export interface EndpointTransaction {
  readonly endpoints: {
    /** Undefined when there is none, or when it was deleted. Any text may be asked for. */
    load(id: string): Promise<WebhookEndpoint | undefined>;
    /** How many the tenant has that were not deleted. */
    count(): Promise<number>;
    /** Writes the endpoint. Does not commit when its stored version is not `basedOn`. */
    save(change: EndpointChange): Promise<void>;
  };
  readonly deliveries: {
    /** The delivery of one event to one endpoint; undefined when there is none. */
    load(endpointId: string, eventId: string): Promise<Delivery | undefined>;
    /** The first `most` deliveries of events from `from` to before `to`, oldest first, without those being sent. */
    within(endpointId: string, from: Timestamp, to: Timestamp, most: number): Promise<readonly Delivery[]>;
    /** Replays deliveries at `at`. Does not commit when one of them is being sent. */
    again(deliveries: readonly Delivery[], at: Timestamp): Promise<void>;
  };
  readonly replies: ReplyStore;
}

/** What `WebhookEndpointDesk` needs of its host. */
export type EndpointPorts = Ports<EndpointTransaction>;

/** What is unset does not restrict; of a list, any value may match. */
export type DeliveryFilter = Readonly<{ state?: readonly DeliveryState[]; exceptionId?: readonly string[] }>;

/** The same for the deliveries to all endpoints, the deleted ones included. */
export type AllDeliveriesFilter = DeliveryFilter & Readonly<{ endpointId?: readonly string[] }>;

/** A delivery with all its attempts, oldest first. */
export type ListedDelivery = Delivery & Readonly<{ history: readonly DeliveryAttempt[] }>;

/** Lists of endpoints and deliveries, sorted by id, which is the order of time. Nothing of another tenant is in them. */
export abstract class EndpointReads {
  /** One page of the endpoints that were not deleted. */
  abstract endpoints(tenant: string, page: PageRequest): Promise<Page<WebhookEndpoint>>;
  /** Here and below, undefined = there is no such endpoint, or it was deleted. */
  abstract endpoint(tenant: string, id: string): Promise<WebhookEndpoint | undefined>;
  /** One page of the deliveries to an endpoint. */
  abstract deliveries(
    tenant: string,
    endpointId: string,
    filter: DeliveryFilter,
    page: PageRequest,
  ): Promise<Page<ListedDelivery> | undefined>;
  /** One page of the deliveries to all endpoints, by event and then by endpoint. */
  abstract allDeliveries(
    tenant: string,
    filter: AllDeliveriesFilter,
    page: PageRequest,
  ): Promise<Page<ListedDelivery>>;
}
