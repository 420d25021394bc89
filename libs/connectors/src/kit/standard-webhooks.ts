import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The headers of a signed webhook (Standard Webhooks, https://www.standardwebhooks.com, the symmetric kind). The signed
 * text is `id.timestamp.body`, so an id must have no dot in it.
 */
export type WebhookHeaders = Readonly<
  Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>
>;

/** A new signing secret: `whsec_` and 32 random bytes in base64. */
export const newWebhookSecret = (): string => prefix + randomBytes(32).toString('base64');

/** Whether a text is a signing secret: `whsec_` and 24 to 64 bytes in canonical base64. */
export const isWebhookSecret = (text: string): boolean => keyOf(text) !== undefined;

/**
 * The headers for one attempt to deliver a body. During a rotation each of the secrets signs. Throws for an id with a
 * dot in it or longer than 255 characters, and for a malformed secret.
 */
export function signWebhook(
  secrets: readonly string[],
  id: string,
  at: Date,
  body: string | Uint8Array,
): WebhookHeaders {
  if (!idPattern.test(id)) throw new Error(`No webhook can have the id ${JSON.stringify(id)}.`);
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = keyOf(secret);
    if (!key) throw new Error('A webhook secret is not valid.');
    return `v1,${signature(key, id, timestamp, body).toString('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/** The result of a verification: the message id and its time, or why the message is not authentic. */
export type VerifiedWebhook =
  | Readonly<{ ok: true; id: string; at: Date }>
  | Readonly<{ ok: false; problem: 'malformed' | 'too_old' | 'too_new' | 'wrong_signature' }>;

/**
 * Verifies a signed webhook: whether a holder of one of the secrets sent exactly this body, within five minutes of
 * `now`. The comparison takes constant time.
 */
export function verifyWebhook(
  secrets: readonly string[],
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string | Uint8Array,
  now: Date,
): VerifiedWebhook {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
    return { ok: false, problem: 'malformed' };
  }
  if (!idPattern.test(id) || !timestampPattern.test(timestamp)) return { ok: false, problem: 'malformed' };
  const age = Math.floor(now.getTime() / 1000) - Number(timestamp);
  if (age > toleranceSeconds) return { ok: false, problem: 'too_old' };
  if (age < -toleranceSeconds) return { ok: false, problem: 'too_new' };
  const given = signatures
    .split(' ')
    .flatMap((each) => (each.startsWith('v1,') ? [Buffer.from(each.slice(3))] : []));
  const isSigned = secrets.some((secret) => {
    const key = keyOf(secret);
    const expected = key && Buffer.from(signature(key, id, timestamp, body).toString('base64'));
    return (
      expected && given.some((each) => each.length === expected.length && timingSafeEqual(each, expected))
    );
  });
  return isSigned
    ? { ok: true, id, at: new Date(Number(timestamp) * 1000) }
    : { ok: false, problem: 'wrong_signature' };
}

const prefix = 'whsec_';
const toleranceSeconds = 5 * 60;
const idPattern = /^[!-\-/-~]{1,255}$/; // visible ASCII but the dot
const timestampPattern = /^(0|[1-9]\d{0,11})$/;

const signature = (key: Buffer, id: string, timestamp: string, body: string | Uint8Array): Buffer =>
  createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();

function keyOf(secret: string): Buffer | undefined {
  if (!secret.startsWith(prefix)) return undefined;
  const text = secret.slice(prefix.length);
  const key = Buffer.from(text, 'base64');
  // Node skips over what is no base64, others may not: what does not come back as it was is refused.
  return key.length >= 24 && key.length <= 64 && key.toString('base64') === text ? key : undefined;
}
