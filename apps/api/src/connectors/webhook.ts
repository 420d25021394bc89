import type { Message } from '@redress/domain';
import { newId, timeOfId } from '../ids';
import type { Connector, Found, Sent, Tested } from './connector';
import type { Egress, EgressAnswer } from './egress';
import { retryAfterMs } from './retry-after';
import { signWebhook } from './standard-webhooks';

/** Whoever listens, and what is shared with them: two secrets while one is replaced by the other. */
export type WebhookSettings = Readonly<{ url: string; secrets: readonly string[] }>;

/**
 * Tells somebody's own system by a signed request. A webhook can be sent again without harm, for its id stays the same
 * and the receiver goes by it. For the same reason there is nothing to look up.
 */
export class WebhookConnector implements Connector {
  constructor(
    private readonly settings: WebhookSettings,
    private readonly egress: Egress,
  ) {}

  async createTicket(correlationId: string, message: Message, signal: AbortSignal): Promise<Sent> {
    const answer = await this.post(correlationId, 'exception.dispatched', message, signal);
    return sentAs(answer, (answered) => referenceIn(answered) ?? correlationId);
  }

  async addNote(reference: string, correlationId: string, text: string, signal: AbortSignal): Promise<Sent> {
    const answer = await this.post(correlationId, 'exception.noted', { reference, text }, signal);
    return sentAs(answer, () => correlationId);
  }

  async findTicket(): Promise<Found> {
    return { outcome: 'none' };
  }

  async findNote(): Promise<Found> {
    return { outcome: 'none' };
  }

  async test(signal: AbortSignal): Promise<Tested> {
    const answer = await this.post(newId(), 'webhook.test', {}, signal);
    if (answer.kind !== 'answer') return { ok: false, detail: answer.problem };
    return { ok: isSuccess(answer.status), detail: said(answer.status) };
  }

  private post(id: string, type: string, data: object, signal: AbortSignal): Promise<EgressAnswer> {
    // The time of the event, which all attempts have in common; that of the attempt is in the signature.
    const body = JSON.stringify({ type, timestamp: timeOfId(id), data });
    const signature = signWebhook(this.settings.secrets, id, new Date(), body);
    return this.egress.request({
      method: 'POST',
      url: this.settings.url,
      headers: { 'content-type': 'application/json', ...signature },
      body,
      signal,
    });
  }
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

function sentAs(answer: EgressAnswer, referenceOf: (answer: Answered) => string): Sent {
  if (answer.kind === 'lost') return { outcome: 'unknown', problem: answer.problem };
  if (answer.kind === 'not_sent') return { outcome: 'not_sent', problem: answer.problem };
  const { status, headers } = answer;
  if (isSuccess(status)) return { outcome: 'created', reference: referenceOf(answer) };
  const problem = said(status);
  const wait = retryAfterMs(headers['retry-after']);
  const later = { problem, ...(wait !== undefined && { retryAfterMs: wait }) };
  if (comeLater.includes(status)) return { outcome: 'not_sent', ...later };
  if (maybeTaken.includes(status) || status >= 500) return { outcome: 'unknown', ...later };
  return { outcome: 'refused', problem };
}

type Answered = Extract<EgressAnswer, { kind: 'answer' }>;

const said = (status: number): string => `The receiver answered ${status}${hints[status] ?? ''}.`;

/** They turn a request away unseen: too early, too many. */
const comeLater = [425, 429];
/** They do not say that nothing was done: a time-out, and a conflict, perhaps with an attempt still under way. */
const maybeTaken = [408, 409];

const hints: Readonly<Record<number, string>> = {
  301: ', and redirects are not followed',
  302: ', and redirects are not followed',
  303: ', and redirects are not followed',
  307: ', and redirects are not followed',
  308: ', and redirects are not followed',
  410: ', which means that it wants no more',
};

/** What the receiver calls it: `{"reference": "…"}` in the answer, or a header of that name. */
function referenceIn({ headers, body }: Answered): string | undefined {
  return [referenceOfBody(body), headers['webhook-reference']].find(isReference);
}

function referenceOfBody(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'reference' in parsed
      ? parsed.reference
      : undefined;
  } catch {
    return undefined;
  }
}

/** Something that can be stored and shown on one line. */
const isReference = (value: unknown): value is string =>
  typeof value === 'string' && /^[^\p{C}\p{Z}]([^\p{C}]{0,253}[^\p{C}\p{Z}])?$/u.test(value);
