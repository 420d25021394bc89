export { AesVault } from './connections/aes-vault';
export { CiphertextBroken, SecretsKeyMissing } from './kit/secrets-errors';
export { ConnectionResolver } from './connections/connection-resolver';
export { fixedConnection, type FixedConnection } from './connections/fixed-connection';
export { OpenConnection, type ConnectionIdentity } from './connections/open-connection';
export { secretGenerator } from './connections/secret-generator';
export { Connectors, type ConnectorsOptions } from './connectors';
export { isConnectionUrl } from './egress/connection-url';
export { Egress, type EgressAnswer, type EgressOptions, type EgressRequest } from './egress/egress';
export { EgressProxy, isProxyUrl, type EgressProxyOptions } from './egress/egress-proxy';
export { EgressAllowance, type EgressTarget } from './egress/egress-allowance';
export { connectorProvider } from './connector-provider';
export { connectorsFor, type ConnectorsForOptions } from './external-systems';

export { DeliveryWorker, type DeliveryWorkerOptions, type ObservedDelivery } from './jobs/delivery-worker';
export { endpointCircuitBreaker, isTrouble } from './jobs/endpoint-answer';
export {
  DispatchNow,
  type AttemptedDispatch,
  type DispatchNowOptions,
  type Targets,
} from './jobs/dispatch-now';
export {
  DispatchRunner,
  callTimeoutMs,
  type ConnectorProvider,
  type ObservedAttempt,
} from './jobs/dispatch-runner';
export { JiraConnector } from './jira/jira.connector';
export type { JiraSecrets, JiraSettings } from './jira/settings';
export {
  CircuitBreaker,
  CircuitBreakers,
  circuitBreakerStates,
  type CircuitBreakerState,
  type CircuitBreakerOptions,
  type IsTrouble,
} from './kit/circuit-breaker';
export type { ConnectionField, FieldProblem } from './kit/connection-fields';
export type { ConnectorApi, InboundHeader, MessageSchema } from './kit/connector-api';
export type { Connector, Ledger, Tested } from './kit/connector';
export type {
  ConnectionInUse,
  ConnectorDefinition,
  ConnectorOf,
  ConnectorOptions,
  ConnectorTools,
  FieldsOf,
} from './kit/connector-definition';
export type { Outbound, Unavailable } from './kit/http-result';
export type { JsonReader } from './kit/json';
export { retryAfterMs } from './kit/retry-after';
export { isSuccess } from './kit/signed-post';
export type { SigningSecrets, SigningSettings } from './kit/signing-secrets';
export {
  isWebhookSecret,
  newWebhookSecret,
  signWebhook,
  verifyWebhook,
  type VerifiedWebhook,
  type WebhookHeaders,
} from './kit/standard-webhooks';
export type { StatusRead, TicketCategory, TicketStatus } from './kit/ticket-status';
export { definitions as connectorDefinitions, type ConnectionOf, type FixedConnections } from './registry';
export { LedgerConnector } from './ledger/ledger.connector';
export { ServiceNowConnector } from './servicenow/servicenow.connector';
export type { ServiceNowSecrets, ServiceNowSettings } from './servicenow/settings';
export { WebhookConnector } from './webhook/webhook.connector';
