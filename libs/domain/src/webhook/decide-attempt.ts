import { nextAttemptAt } from '../dispatch/schedule';
import { laterBy, type Timestamp } from '../value/timestamp';

/** What one request to an endpoint came to. */
export type EndpointAnswer = Readonly<{
  /** HTTP status, from 200. It is there as soon as the head of the answer has come, also when the rest never came. */
  status?: number;
  /** Why no whole answer came, as a sentence. */
  problem?: string;
  /** What the header `Retry-After` asks for, in milliseconds (RFC 9110, section 10.2.3). */
  retryAfterMs?: number;
}>;

/** After an attempt it is over, or the next attempt is made at a time. */
export type NextState =
  Readonly<{ state: 'DELIVERED' | 'DEAD' }> | Readonly<{ state: 'PENDING'; at: Timestamp }>;

/** The effect of one delivery attempt on its delivery and its endpoint. */
export type AttemptDecision = Readonly<{
  next: NextState;
  status?: number;
  problem?: string;
  /** For so many milliseconds nothing else may be sent to the endpoint: it asked for it. */
  holdMs: number;
  /** Why the endpoint is to be disabled. */
  disables?: string;
}>;

/** Statuses of an overloaded endpoint, or of a gateway that cannot reach it: those whose `Retry-After` counts. */
const overloaded: readonly number[] = [429, 502, 503, 504];
/** The endpoint wants no more events (Standard Webhooks). */
const gone = 410;

/**
 * What follows from the answer to the attempt `attemptOfRound`, which is counted from 1 since the delivery was made or
 * last replayed. The status alone decides: an answer that broke off after its head counts as a whole one.
 */
export function decideAttempt(
  { eventId, attemptOfRound }: Readonly<{ eventId: string; attemptOfRound: number }>,
  answer: EndpointAnswer,
  now: Timestamp,
): AttemptDecision {
  const { status } = answer;
  if (status !== undefined && isSuccess(status)) return { status, next: { state: 'DELIVERED' }, holdMs: 0 };
  const failed = failureOf(answer);
  if (status === gone)
    return {
      ...failed,
      next: { state: 'DEAD' },
      holdMs: 0,
      disables: 'It answered 410: it wants to hear no more.',
    };
  const planned = nextAttemptAt(eventId, attemptOfRound, now);
  if (planned === undefined) return { ...failed, next: { state: 'DEAD' }, holdMs: 0 };
  const holdMs = (overloaded.includes(status ?? 0) && answer.retryAfterMs) || 0;
  const allowed = laterBy(now, holdMs);
  return { ...failed, next: { state: 'PENDING', at: allowed > planned ? allowed : planned }, holdMs };
}

/**
 * Whether an answer counts for the circuit breaker: the endpoint is down or overloaded, rather than in disagreement with
 * what it was sent. As in `decideAttempt`, the status decides if there is one.
 */
export const isEndpointTrouble = ({ status }: EndpointAnswer): boolean =>
  status === undefined || status >= 500 || status === 429;

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

function failureOf({ status = 0, problem }: EndpointAnswer): Pick<AttemptDecision, 'status' | 'problem'> {
  if (problem !== undefined) return { problem };
  const why = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return { status, problem: `It answered ${status}${why}.` };
}
