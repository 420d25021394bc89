import type { ConnectorDefinition } from '../kit/connector-definition';
import { signingRules, type SigningSecrets, type SigningSettings } from '../kit/signing-secrets';
import { verifyStandardWebhook } from '../kit/verify-signature';
import { webhookApi, webhookFields } from './api';
import { parseWebhookMessage } from './inbound';
import { WebhookConnector } from './webhook.connector';

/** A system of the customer's own, by signed webhooks in both directions. */
export const webhook: ConnectorDefinition<'WEBHOOK', SigningSettings, SigningSecrets> = {
  api: webhookApi,
  fields: webhookFields,
  rules: signingRules,
  create: ({ settings, secrets }, tools) => new WebhookConnector({ ...settings, ...secrets }, tools),
  verifySignature: verifyStandardWebhook,
  parse: parseWebhookMessage,
};
