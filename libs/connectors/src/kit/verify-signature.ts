import { createHmac, timingSafeEqual } from 'node:crypto';
import type { InboundConnector } from '@redress/domain/integrations';
import { verifyWebhook } from './standard-webhooks';

/** Whether one of the secrets signed the delivery; see `InboundConnector.verifySignature`. */
export type VerifySignature = InboundConnector['verifySignature'];

/** Verifies a signature of Standard Webhooks: of id, time and body. */
export const verifyStandardWebhook: VerifySignature = (secrets, { headers, body }, now) => {
  // Signatures are separated by blanks alone; a comma and a blank join two headers into one.
  if (String(headers['webhook-signature']).includes(', ')) return undefined;
  const verified = verifyWebhook(secrets, headers, body, now);
  return verified.ok ? { id: verified.id } : undefined;
};

/** How far the time in a signature may be from ours. */
export const toleranceSeconds = 5 * 60;

const signaturePattern = /^sha256=(?:([0-9a-f]{64})|([A-Za-z0-9+/]{43}=))$/i;

/** A message id that can be stored and searched for: visible ASCII without blanks and commas, so two joined headers are none. */
export const isMessageId = (value: unknown): value is string =>
  typeof value === 'string' && /^[!-+\--~]{1,255}$/.test(value);

/** Whether `sha256=…` is the HMAC of the parts: in hexadecimal as usual, or in base64, which ServiceNow makes. */
export function isHmacSha256(
  secrets: readonly string[],
  parts: readonly (string | Uint8Array)[],
  header: string | string[] | undefined,
): boolean {
  const [, hex, base64] = (typeof header === 'string' && signaturePattern.exec(header)) || [];
  const given = hex !== undefined ? Buffer.from(hex, 'hex') : Buffer.from(base64 ?? '', 'base64');
  if (given.length !== 32) return false;
  return secrets.some((secret) => {
    const mac = createHmac('sha256', secret);
    for (const part of parts) mac.update(part);
    return timingSafeEqual(mac.digest(), given);
  });
}
