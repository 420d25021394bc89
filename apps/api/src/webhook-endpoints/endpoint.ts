import type { ReplyStore, Ports, Timestamp } from '@redress/domain';
import type { ReplacedSecret } from '@redress/domain/integrations';

export type EndpointState = 'ENABLED' | 'DISABLED';

/** Where one of a tenant's own systems hears of events. One that was deleted keeps its row, without secrets. */
export type WebhookEndpoint = Readonly<{
  id: string;
  version: number;
  url: string;
  /** The types of events it hears of; all, where there is no such list. */
  events?: readonly string[];
  description?: string;
  state: EndpointState;
  disabledReason?: string;
  /** `EndpointSecrets`, sealed. */
  secrets?: Buffer;
  createdAt: Timestamp;
  createdBy: string;
  updatedAt: Timestamp;
  updatedBy: string;
  deletedAt?: Timestamp;
}>;

/** What is sealed of an endpoint: what is signed with, and for a while after a change what was. */
export type EndpointSecrets = Readonly<{
  current: string;
  previous?: ReplacedSecret;
}>;

export type EndpointChange = Readonly<{
  /** 0 = it is new. */
  basedOn: number;
  state: WebhookEndpoint;
  /** What still waits for it will not be sent. */
  skipsDeliveries?: boolean;
}>;

export const deliveryStates = ['PENDING', 'SENDING', 'DELIVERED', 'DEAD', 'SKIPPED'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What became of telling one endpoint of one event: known by the event's id. */
export type Delivery = Readonly<{
  endpointId: string;
  eventId: string;
  exceptionId: string;
  seq: number;
  type: string;
  state: DeliveryState;
  /** How often it was sent, and how often of that before it was last asked for again. */
  attempts: number;
  attemptsBefore: number;
  nextAttemptAt?: Timestamp;
  leaseUntil?: Timestamp;
  lastStatus?: number;
  lastProblem?: string;
  deliveredAt?: Timestamp;
  createdAt: Timestamp;
}>;

export type DeliveryAttempt = Readonly<{
  attempt: number;
  at: Timestamp;
  ms: number;
  status?: number;
  problem?: string;
}>;

/** What the commands ask of the database: the domain's promises about a unit of work hold for this one, too. */
export interface EndpointTransaction {
  readonly endpoints: {
    /** Not one that was deleted. */
    load(id: string): Promise<WebhookEndpoint | undefined>;
    save(change: EndpointChange): Promise<void>;
  };
  readonly deliveries: {
    load(endpointId: string, eventId: string): Promise<Delivery | undefined>;
    /** Those of events in this time, at most so many, oldest first. */
    within(endpointId: string, from: Timestamp, to: Timestamp, most: number): Promise<readonly Delivery[]>;
    /** Has them made again, at once. */
    again(deliveries: readonly Delivery[], at: Timestamp): Promise<void>;
  };
  readonly replies: ReplyStore;
}

export type EndpointPorts = Ports<EndpointTransaction>;
