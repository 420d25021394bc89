import { randomBytes } from 'node:crypto';
import { newWebhookSecret } from '../connectors/kit/standard-webhooks';
import type { ConnectionTarget } from './open-connection';

/** What the other side signs with, or shows, when it calls us. */
export const newInboundSecret = (target: ConnectionTarget): string =>
  target === 'WEBHOOK' || target === 'LEDGER' ? newWebhookSecret() : randomBytes(32).toString('base64url');
