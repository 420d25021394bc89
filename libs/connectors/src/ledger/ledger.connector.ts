import { plainLine, type Posting } from '@redress/domain';
import { ledgerRefusal } from '@redress/domain/integrations';
import type { Ledger, SendResult, Tested } from '../kit/connector';
import type { ConnectorTools } from '../kit/connector-definition';
import { member, textOf } from '../kit/json';
import {
  isInDoubt,
  isRedirect,
  isSuccess,
  isTooEarly,
  postSigned,
  readAnswer,
  referenceIn,
  said,
  whenToRetry,
  type Answered,
} from '../kit/signed-post';
import type { SigningSecrets, SigningSettings } from '../kit/signing-secrets';

const ledger = 'The ledger';

/**
 * A customer's own ledger, which is asked by signed requests. It de-duplicates by the id of the posting, so repeating is
 * the protocol and the bound on resends does not apply: the answer to a repeat is what became of the posting. That is
 * also why an answer that broke off is unknown, whatever its status: asking again brings the reference or the reason.
 */
export class LedgerConnector implements Ledger {
  constructor(
    private readonly settings: SigningSettings & SigningSecrets,
    private readonly tools: ConnectorTools,
  ) {}

  async post(id: string, { type, ...about }: Posting, signal: AbortSignal): Promise<SendResult> {
    // `undefined` is left out of the JSON.
    const event = { id, type: `ledger.${type}`, data: { id, ...about, reopenedAs: undefined } };
    const answer = await postSigned(this.settings, this.tools.outbound, event, signal);
    if (answer.kind === 'lost') return { outcome: 'unknown', problem: answer.problem };
    if (answer.kind === 'not_sent') return { outcome: 'not_sent', problem: answer.problem };
    return this.resultOf(id, answer);
  }

  /** Sends a signed message of type `ledger.test`, which books nothing. */
  async test(signal: AbortSignal): Promise<Tested> {
    const event = { id: this.tools.newId(), type: 'ledger.test', data: {} };
    const answer = await postSigned(this.settings, this.tools.outbound, event, signal);
    if (answer.kind !== 'answer') return { ok: false, detail: answer.problem };
    return { ok: isSuccess(answer.status), detail: said(ledger, answer.status) };
  }

  private resultOf(id: string, answer: Answered): SendResult {
    const { status } = answer;
    if (status === 202)
      return { outcome: 'accepted', problem: 'The ledger has it and will answer.', ...whenToRetry(answer) };
    if (isSuccess(status)) return { outcome: 'created', reference: referenceIn(answer) ?? id };
    const problem = said(ledger, status);
    if (isTooEarly(status)) return { outcome: 'not_sent', problem, ...whenToRetry(answer) };
    // A 303 leads to the result, so there is one.
    if (isInDoubt(status) || status === 303) return { outcome: 'unknown', problem, ...whenToRetry(answer) };
    const reason = this.reasonIn(answer);
    const refused = { outcome: 'refused', problem: reason ? ledgerRefusal(reason) : problem } as const;
    // A refusal without a reason may come from any proxy on the way there.
    return reason && !isRedirect(status) && !requestRefusals.has(status)
      ? refused
      : { ...refused, unseen: true };
  }

  /** Why it will not book it, for a person: `reason`, or `detail` as RFC 9457 has it. */
  private reasonIn(answer: Answered): string | undefined {
    const body = readAnswer(answer);
    const reason = textOf(member(body, 'reason')) ?? textOf(member(body, 'detail'));
    if (reason === undefined) return undefined;
    const safe = this.settings.secrets.reduce((text, secret) => text.replaceAll(secret, '[removed]'), reason);
    return textOf(plainLine(safe, maxReasonLength));
  }
}

/** `ledgerRefusal` cuts a reason at the same length. */
const maxReasonLength = 470;

/** Statuses about the request itself: they say nothing about what was booked before. */
const requestRefusals: ReadonlySet<number> = new Set([
  ...[401, 402, 403, 404, 405, 406, 407, 410, 411, 413, 414, 415],
  ...[421, 426, 428, 431, 451],
]);
