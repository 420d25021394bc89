import { randomBytes } from 'node:crypto';
import { newWebhookSecret } from '@redress/connectors';
import type { SecretGenerator } from '@redress/domain/integrations';

/** Generates secrets from Node's cryptographically secure source. */
export const secretGenerator: SecretGenerator = {
  signingSecret: newWebhookSecret,
  sharedSecret: () => randomBytes(32).toString('base64url'),
};
