import { messageFor, type Message } from '@redress/domain';
import { anException } from '@redress/domain/testing';
import {
  Egress,
  type EgressAnswer,
  type EgressRequest,
  EgressAllowance,
  type Outbound,
} from '@redress/connectors';

/** The message to an external system about an exception with an amount and a difference. */
export const aMessage = (over: Partial<Message> = {}): Message => ({
  ...messageFor(
    anException({
      reason: 'Amount mismatch detected',
      severity: 'HIGH',
      amount: { amount: '1500.50', currency: 'BRL' },
      differences: [{ field: 'amount', expected: '1500.50', actual: '1500.05' }],
    }),
    { link: 'https://desk.example.com/exceptions/019b7c00-0000-7000-8000-00000000e0e0' },
  ),
  ...over,
});

export const correlationId = (n: number): string => `019b7c00-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** The way out, which in tests leads to this machine. */
export const wayToThisMachine = (): Egress =>
  new Egress({ allow: EgressAllowance.parse('http://127.0.0.1')!, userAgent: 'Redress' });

export const inTime = (): AbortSignal => AbortSignal.timeout(5_000);

/** A way out on which nothing leaves: each request gets the next answer, the last one again and again. */
export function scripted(...answers: readonly EgressAnswer[]) {
  const sent: EgressRequest[] = [];
  const outbound: Outbound = {
    request: async (request) => {
      sent.push(request);
      return answers[Math.min(sent.length, answers.length) - 1]!;
    },
  };
  return { outbound, sent };
}

export const answered = (
  status: number,
  body: unknown = '',
  headers: Readonly<Record<string, string>> = {},
): EgressAnswer => ({
  kind: 'answer',
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
