import type { ReplacedSecret } from '../value/secret-rotation';
import type { Timestamp } from '../value/timestamp';

/** The states of a webhook endpoint. */
export const endpointStates = ['ENABLED', 'DISABLED'] as const;
/** DISABLED: it is sent nothing; events of that time are kept as SKIPPED deliveries. */
export type EndpointState = (typeof endpointStates)[number];

/** A webhook endpoint: a URL of a tenant that events are posted to. A deleted one keeps its row, without secrets. */
export type WebhookEndpoint = Readonly<{
  id: string;
  version: number;
  /** Not a secret: it is shown and logged. */
  url: string;
  /** The types of events it subscribes to; all types when the list is missing. */
  events?: readonly string[];
  description?: string;
  state: EndpointState;
  /** While DISABLED. */
  disabledReason?: string;
  /** Its `EndpointSecrets`, encrypted: base64 text. */
  secrets?: string;
  createdAt: Timestamp;
  createdBy: string;
  updatedAt: Timestamp;
  updatedBy: string;
  deletedAt?: Timestamp;
}>;

/** The signing secrets of an endpoint (Standard Webhooks, `whsec_…`); the previous one signs as well until it expires. */
export type EndpointSecrets = Readonly<{ current: string; previous?: ReplacedSecret }>;

/** A new state of a webhook endpoint. */
export type EndpointChange = Readonly<{
  /** The version the decision was made on; 0 = the endpoint is new. A store refuses to save over any other. */
  basedOn: number;
  state: WebhookEndpoint;
  /** Deliveries that are PENDING or SENDING become SKIPPED. */
  skipsDeliveries?: boolean;
}>;

/** Whether an endpoint subscribes to events of a type. */
export const subscribesTo = ({ events }: WebhookEndpoint, type: string): boolean =>
  events === undefined || events.includes(type);
