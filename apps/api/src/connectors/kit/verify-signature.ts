import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ConnectionTarget } from '../../connections/open-connection';
import { verifyWebhook } from './standard-webhooks';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export type Delivery = Readonly<{ headers: Headers; body: Buffer }>;

/** What is known of a message before it is read; `id` where a header tells it from others. */
export type Authentic = Readonly<{ id?: string }>;

type Proof = (secrets: readonly string[], delivery: Delivery, now: Date) => Authentic | undefined;

/**
 * Whether somebody who has one of the secrets sent exactly these bytes; undefined when not, and no word about why.
 * Looks at the bytes as they came, never at what was read from them.
 */
export const authentic = (
  target: ConnectionTarget,
  secrets: readonly string[],
  delivery: Delivery,
  now: Date,
): Authentic | undefined => proofs[target](secrets, delivery, now);

/** As Standard Webhooks are signed: id, time and body. */
const standardWebhook: Proof = (secrets, { headers, body }, now) => {
  // Signatures are parted by blanks alone; this is what two headers become that were made one.
  if (String(headers['webhook-signature']).includes(', ')) return undefined;
  const verified = verifyWebhook(secrets, headers, body, now);
  return verified.ok ? { id: verified.id } : undefined;
};

const proofs: Readonly<Record<ConnectionTarget, Proof>> = {
  /** As Jira signs: the body alone. So its identifier is believed no more than the order in which messages come. */
  JIRA(secrets, { headers, body }) {
    const id = headers['x-atlassian-webhook-identifier'];
    if (id !== undefined && !isMessageId(id)) return undefined;
    if (!isSigned(secrets, [body], headers['x-hub-signature'])) return undefined;
    return id === undefined ? {} : { id };
  },

  /** As the script in docs/servicenow.md signs: the time, a dot, and the body. */
  SERVICENOW(secrets, { headers, body }, now) {
    const time = headers['x-redress-timestamp'];
    if (typeof time !== 'string' || !/^[1-9]\d{0,11}$/.test(time)) return undefined;
    if (Math.abs(now.getTime() / 1000 - Number(time)) > toleranceSeconds) return undefined;
    return isSigned(secrets, [`${time}.`, body], headers['x-redress-signature']) ? {} : undefined;
  },

  WEBHOOK: standardWebhook,
  LEDGER: standardWebhook,
};

const toleranceSeconds = 5 * 60;
const signaturePattern = /^sha256=(?:([0-9a-f]{64})|([A-Za-z0-9+/]{43}=))$/i;

/** Something that can be stored and looked for: visible ASCII without blanks, so two headers in one are none. */
export const isMessageId = (value: unknown): value is string =>
  typeof value === 'string' && /^[!-+\--~]{1,255}$/.test(value);

/** In hexadecimal as usual, or in base64, which is what ServiceNow makes by itself. */
function isSigned(
  secrets: readonly string[],
  parts: readonly (string | Buffer)[],
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
