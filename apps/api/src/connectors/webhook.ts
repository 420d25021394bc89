import type { Message } from '@redress/domain';
import { newId } from '../ids';
import type { Connector, Found, Sent, Tested } from './connector';
import type { Egress, EgressAnswer } from './egress';
import {
  isInDoubt,
  isSuccess,
  isTooEarly,
  postSigned,
  referenceIn,
  said,
  whenToRetry,
  type Answered,
  type WebhookSettings,
} from './signed-post';

const receiver = 'The receiver';

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
    return { ok: isSuccess(answer.status), detail: said(receiver, answer.status) };
  }

  private post(id: string, type: string, data: object, signal: AbortSignal): Promise<EgressAnswer> {
    return postSigned(this.settings, this.egress, { id, type, data }, signal);
  }
}

function sentAs(answer: EgressAnswer, referenceOf: (answer: Answered) => string): Sent {
  if (answer.kind === 'lost') return { outcome: 'unknown', problem: answer.problem };
  if (answer.kind === 'not_sent') return { outcome: 'not_sent', problem: answer.problem };
  const { status } = answer;
  if (isSuccess(status)) return { outcome: 'created', reference: referenceOf(answer) };
  const problem = said(receiver, status);
  if (isTooEarly(status)) return { outcome: 'not_sent', problem, ...whenToRetry(answer) };
  if (isInDoubt(status)) return { outcome: 'unknown', problem, ...whenToRetry(answer) };
  return { outcome: 'refused', problem };
}
