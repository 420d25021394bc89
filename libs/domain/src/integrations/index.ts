export { encryptedReplies } from '../desks/encrypted-replies';
export { signingSecrets } from '../desks/endpoint-secrets';
export { maxReplay, WebhookEndpointDesk, type Replayed } from '../desks/webhook-endpoint-desk';
export type { Attempted, Claimed, DeliveryStore, Lane } from '../ports/delivery-store';
export {
  EndpointReads,
  type DeliveryFilter,
  type EndpointPorts,
  type EndpointTransaction,
  type ListedDelivery,
} from '../ports/endpoint-store';
export type { Ciphertext, SecretGenerator, SecretOwner, Vault } from '../ports/vault';
export { replacedSecret, validSecrets, type ReplacedSecret } from '../value/secret-rotation';
export {
  decideAttempt,
  isEndpointTrouble,
  type AttemptDecision,
  type EndpointAnswer,
  type NextState,
} from '../webhook/decide-attempt';
export {
  changeEndpoint,
  disableEndpoint,
  everyType,
  openEndpoint,
  removeEndpoint,
  type EndpointContext,
  type EndpointPatch,
  type IssuedEndpoint,
  type NewEndpoint,
} from '../webhook/decide-endpoint';
export { decideDelivery, dueAt, newDelivery, type Delivery, type DeliveryAttempt } from '../webhook/delivery';
export {
  deliveryLifecycle,
  deliveryStates,
  type AttemptReport,
  type DeliveryCommand,
  type DeliveryCommandType,
  type DeliveryState,
} from '../webhook/delivery.lifecycle';
export {
  endpointStates,
  type EndpointChange,
  type EndpointSecrets,
  type EndpointState,
  type WebhookEndpoint,
} from '../webhook/endpoint';
export { eventDescriptions, eventTypes, type EventType } from '../webhook/event-types';
