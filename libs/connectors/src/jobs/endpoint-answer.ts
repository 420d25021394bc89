import { isEndpointTrouble, type EndpointAnswer } from '@redress/domain/integrations';
import type { EgressAnswer } from '../egress/egress';
import type { CircuitBreakerOptions } from '../kit/circuit-breaker';
import { retryAfterMs } from '../kit/retry-after';

/** Of one endpoint: requests at the same time, and how long it is left alone after so many failures in a row. */
export const endpointCircuitBreaker: CircuitBreakerOptions = { concurrency: 8, failures: 5, pauseMs: 30_000 };

/** What trips the circuit breaker of an endpoint. */
export const isTrouble = (answer: unknown): boolean => isEndpointTrouble(answer as EndpointAnswer);

/** What an endpoint has answered to a delivery, or why there is no answer. */
export function endpointAnswer(answer: EgressAnswer, now: Date): EndpointAnswer {
  if (answer.kind === 'not_sent') return { problem: answer.problem };
  if (answer.kind === 'lost')
    return { problem: answer.problem, ...(answer.status !== undefined && { status: answer.status }) };
  const waitMs = retryAfterMs(answer.headers['retry-after'], now.getTime());
  return { status: answer.status, ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
}
