export { DispatchDesk, dispatcher, type Blocked, type Claiming, type Work } from '../desks/dispatch-desk';
export { headStartMs, leaseMs, problemLength } from '../dispatch/dispatch';
export { defaultLookupPolicies } from '../dispatch/lookup-policy';
export { attemptDelaysMs, nextAttemptAt } from '../dispatch/schedule';
export { decideOutcome, type DispatchEvent } from '../outcome/decide-outcome';
export type { OperatorAnswer } from '../dispatch/operator-answer';
export { encryptedReplies } from '../desks/encrypted-replies';
export { signingSecrets, type EncryptedSecrets } from '../desks/endpoint-secrets';
export { maxEndpoints } from '../desks/endpoint-limit';
export { endpointRefusals, maxReplay, type Replayed } from '../desks/replay-deliveries';
export { WebhookEndpointDesk } from '../desks/webhook-endpoint-desk';
export {
  RequestLimits,
  type RequestKind,
  type RequestLimitSettings,
  type RequestVerdict,
} from '../value/request-limits';
export { RateLimiter, type Limited, type LimitLeft, type NamedLimit } from '../value/rate-limiter';
export { takeTokens, type RateLimit, type Taken, type TokenBucket } from '../value/token-bucket';
export { jobPriority, tenantShare } from '../ports/job-priority';
export type { Attempted, Claimed, DeliveryEndpoint, DeliveryStore, Lane } from '../ports/delivery-store';
export {
  EndpointReads,
  type AllDeliveriesFilter,
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
export { connectionEvents, connectionTargets } from '../connection/connection';
export type {
  ConnectionChange,
  ConnectionEvent,
  ConnectionRequest,
  ConnectionSecrets,
  ConnectionSettings,
  ConnectionTarget,
  ConnectorSecrets,
  StoredConnection,
  TicketTarget,
} from '../connection/connection';
export type { ConnectorRules, SecretsAfterPut, SecretsOfPut } from '../connection/connector-rules';
export type { IssuedSecrets, PutConnection, PutConnectionChange } from '../connection/decide-connection';
export {
  ConnectionDesk,
  connectionSecretOwner,
  type LedgerControl,
  type PutOutcome,
} from '../desks/connection-desk';
export { InboundDesk, type Received } from '../desks/inbound-desk';
export { decideInbound, type KnownTicket } from '../inbound/decide-inbound';
export { ledgerRefusal } from '../inbound/decide-posting-update';
export type { InboundDecision } from '../inbound/inbound-decision';
export { inboundOutcomes } from '../inbound/message';
export type { InboundMessage, InboundOutcome, ParsedMessage, TicketUpdate } from '../inbound/message';
export type {
  ConnectionPorts,
  ConnectionReads,
  ConnectionStore,
  ConnectionTransaction,
} from '../ports/connection-store';
export type {
  ConnectorCatalog,
  InboundConnections,
  InboundConnector,
  InboundDelivery,
  VerifiedDelivery,
} from '../ports/connectors';
export type {
  InboundMatch,
  InboundPorts,
  InboundQuery,
  InboundStore,
  InboundTransaction,
} from '../ports/inbound-store';
export { timeOfUuid } from '../value/uuid';
export { ConnectionChanges } from '../ports/connection-changes';
export { InboundReads, type InboundFilter, type ListedMessage } from '../ports/inbound-reads';
export { Deadlines, type DeadlinesOptions } from '../desks/deadlines';
export { timeOrderedIds, type IdSource } from '../value/time-ordered-ids';
export { conditionsOf } from '../ports/exception-filter';
