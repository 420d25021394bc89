export { Connectors, type ConnectionInUse, type ConnectorsOptions } from './connectors';
export { isConnectionUrl } from './egress/connection-url';
export { Egress, type EgressAnswer, type EgressOptions, type EgressRequest } from './egress/egress';
export { EgressAllowance } from './egress/egress-allowance';
export { JiraConnector } from './jira/jira.connector';
export type { JiraSecrets, JiraSettings } from './jira/settings';
export { CircuitBreaker, CircuitBreakers, type CircuitBreakerOptions } from './kit/circuit-breaker';
export type { ConnectionField } from './kit/connection-fields';
export type { ConnectorApi, InboundHeader, MessageSchema } from './kit/connector-api';
export type { Connector, Ledger, Tested } from './kit/connector';
export type {
  ConnectorDefinition,
  ConnectorOf,
  ConnectorOptions,
  ConnectorTools,
  FieldsOf,
} from './kit/connector-definition';
export type { Outbound } from './kit/http-result';
export type { JsonReader } from './kit/json';
export { retryAfterMs } from './kit/retry-after';
export { isSuccess } from './kit/signed-post';
export type { SigningSecrets, SigningSettings } from './kit/signing-secrets';
export {
  isWebhookSecret,
  newWebhookSecret,
  signWebhook,
  verifyWebhook,
  type WebhookHeaders,
} from './kit/standard-webhooks';
export { registry as connectorDefinitions } from './registry';
export { LedgerConnector } from './ledger/ledger.connector';
export { ServiceNowConnector } from './servicenow/servicenow.connector';
export type { ServiceNowSecrets, ServiceNowSettings } from './servicenow/settings';
export { WebhookConnector } from './webhook/webhook.connector';
