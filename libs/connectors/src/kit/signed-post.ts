import { timeOfUuid } from '@redress/domain/integrations';
import type { EgressAnswer } from '../egress/egress';
import type { Outbound } from './http-result';
import { member } from './json';
import { retryAfterMs } from './retry-after';
import type { SigningSecrets, SigningSettings } from './signing-secrets';
import { signWebhook } from './standard-webhooks';

/** What is sent: the id, a UUIDv7, stays the same when it is sent again. */
export type SignedMessage = Readonly<{ id: string; type: string; data: object }>;
export type Answered = Extract<EgressAnswer, { kind: 'answer' }>;

/** A request as Standard Webhooks has them, whose id stays the same when it is sent again. */
export function postSigned(
  { url, secrets }: SigningSettings & SigningSecrets,
  outbound: Outbound,
  { id, type, data }: SignedMessage,
  signal: AbortSignal,
): Promise<EgressAnswer> {
  // The time of the event, which all attempts have in common; that of the attempt is in the signature.
  const body = JSON.stringify({ type, timestamp: timeOfUuid(id), data });
  return outbound.request({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...signWebhook(secrets, id, new Date(), body) },
    body,
    signal,
  });
}

/** Whether an HTTP status is a success (200 to 299; RFC 9110, section 15.3). */
export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** They turn a request away unseen: too early, too many. */
export const isTooEarly = (status: number): boolean => status === 425 || status === 429;

/** They do not say that nothing was done: a time-out, a conflict, perhaps with an attempt still under way, a failure. */
export const isInDoubt = (status: number): boolean => status === 408 || status === 409 || status >= 500;

export const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** What it answered, as a sentence. */
export function said(who: string, status: number): string {
  const hint = isRedirect(status)
    ? ', and redirects are not followed'
    : status === 410
      ? ', which means that it wants no more'
      : '';
  return `${who} answered ${status}${hint}.`;
}

/** When it wants to be asked again, if it says so. */
export function whenToRetry({ headers }: Answered): Readonly<{ retryAfterMs?: number }> {
  const wait = retryAfterMs(headers['retry-after']);
  return wait === undefined ? {} : { retryAfterMs: wait };
}

/** What an answer says, where it is JSON. */
export function readAnswer({ body }: Answered): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What the other side calls it: `{"reference": "…"}` in the answer, or a header of that name. */
export const referenceIn = (answered: Answered): string | undefined =>
  [member(readAnswer(answered), 'reference'), answered.headers['webhook-reference']].find(isReference);

/** Something that can be stored and shown on one line. */
export const isReference = (value: unknown): value is string =>
  typeof value === 'string' && /^[^\p{C}\p{Z}]([^\p{C}]{0,253}[^\p{C}\p{Z}])?$/u.test(value);
