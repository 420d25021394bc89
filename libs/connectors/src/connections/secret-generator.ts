import { randomBytes } from 'node:crypto';
import type { SecretGenerator } from '@redress/domain/integrations';
import { newWebhookSecret } from '../kit/standard-webhooks';

/** Generates secrets from Node's cryptographically secure source. */
export const secretGenerator: SecretGenerator = {
  signingSecret: newWebhookSecret,
  sharedSecret: () => randomBytes(32).toString('base64url'),
};
