import type { Message } from '@redress/domain';
import type { Connector, LookupResult, SendResult, Tested } from '../kit/connector';
import type { EgressAnswer } from '../egress/egress';
import type { ConnectorTools } from '../kit/connector-definition';
import {
  isInDoubt,
  isSuccess,
  isTooEarly,
  postSigned,
  referenceIn,
  said,
  whenToRetry,
  type Answered,
} from '../kit/signed-post';
import type { SigningSecrets, SigningSettings } from '../kit/signing-secrets';

const receiver = 'The receiver';

/**
 * Delivers to a customer's own system by a signed request. The receiver de-duplicates by `webhook-id`, which stays the
 * same, so repeating is the protocol: nothing is looked up, and the bound on resends does not apply. Any 2xx is success,
 * whatever the body says and also when it breaks off.
 */
export class WebhookConnector implements Connector {
  constructor(
    private readonly settings: SigningSettings & SigningSecrets,
    private readonly tools: ConnectorTools,
  ) {}

  async createTicket(correlationId: string, message: Message, signal: AbortSignal): Promise<SendResult> {
    const answer = await this.post(correlationId, 'exception.dispatched', message, signal);
    return sentAs(answer, (answered) => (answered && referenceIn(answered)) ?? correlationId);
  }

  async addNote(
    reference: string,
    correlationId: string,
    text: string,
    signal: AbortSignal,
  ): Promise<SendResult> {
    const answer = await this.post(correlationId, 'exception.noted', { reference, text }, signal);
    return sentAs(answer, () => correlationId);
  }

  async findTicket(): Promise<LookupResult> {
    return { outcome: 'none' };
  }

  async findNote(): Promise<LookupResult> {
    return { outcome: 'none' };
  }

  /** Sends a signed message of type `webhook.test`. */
  async test(signal: AbortSignal): Promise<Tested> {
    const answer = await this.post(this.tools.newId(), 'webhook.test', {}, signal);
    if (answer.kind !== 'answer') return { ok: false, detail: answer.problem };
    return { ok: isSuccess(answer.status), detail: said(receiver, answer.status) };
  }

  private post(id: string, type: string, data: object, signal: AbortSignal): Promise<EgressAnswer> {
    return postSigned(this.settings, this.tools.outbound, { id, type, data }, signal);
  }
}

/** `referenceOf` gets no answer where only its status arrived. */
function sentAs(answer: EgressAnswer, referenceOf: (answer?: Answered) => string): SendResult {
  if (answer.kind === 'not_sent') return { outcome: 'not_sent', problem: answer.problem };
  if (answer.kind === 'lost')
    return answer.status !== undefined && isSuccess(answer.status)
      ? { outcome: 'created', reference: referenceOf() }
      : { outcome: 'unknown', problem: answer.problem };
  const { status } = answer;
  if (isSuccess(status)) return { outcome: 'created', reference: referenceOf(answer) };
  const problem = said(receiver, status);
  if (isTooEarly(status)) return { outcome: 'not_sent', problem, ...whenToRetry(answer) };
  if (isInDoubt(status)) return { outcome: 'unknown', problem, ...whenToRetry(answer) };
  return { outcome: 'refused', problem };
}
