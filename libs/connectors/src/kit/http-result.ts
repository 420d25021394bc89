import { plainLine } from '@redress/domain';
import type { ExternalTicket, LookupResult, SendResult } from './connector';
import type { EgressAnswer, EgressRequest } from '../egress/egress';
import { retryAfterMs } from './retry-after';

/** The way out to external systems, as far as a connector needs it. `Egress` is one. */
export type Outbound = Readonly<{
  /** Sends one request. Does not throw for what the network or the other side does. */
  request: (request: EgressRequest) => Promise<EgressAnswer>;
}>;

/**
 * An answer that was read: `body` is its JSON, undefined when it is none; names of headers are in lower case. `problem`
 * describes it for a person.
 */
export type Reply =
  | Readonly<{
      kind: 'answer';
      status: number;
      body: unknown;
      headers: Readonly<Record<string, string>>;
      problem: string;
      retryAfterMs?: number;
    }>
  | Readonly<{ kind: 'lost'; problem: string; status?: number }>
  | Readonly<{ kind: 'not_sent'; problem: string }>;

/** What marks a ticket, or a note, as the one for a correlation id. */
export const markOf = (correlationId: string): string => `redress-${correlationId}`;

const longestProblem = 500;
const shortestSecret = 4;

/**
 * Reads an answer. What the other side says of itself is repeated, it knows best what it wants; but an error page may
 * also repeat what it was sent, so secrets are taken out before anything is cut.
 */
export function readReply(
  system: string,
  answer: EgressAnswer,
  complaints: (body: unknown) => readonly string[],
  secrets: readonly string[],
): Reply {
  if (answer.kind !== 'answer') return answer;
  const { status, headers } = answer;
  const body = parsed(answer.body);
  const said = complaints(body).join(' ');
  const safe = secrets
    .filter(({ length }) => length >= shortestSecret)
    .reduce((text, secret) => text.replaceAll(secret, '[removed]'), said);
  const problem = plainLine(`${system} answered ${status}${safe && `: ${safe}`}`, longestProblem);
  const later = retryAfterMs(headers['retry-after']);
  return {
    kind: 'answer',
    status,
    body,
    headers,
    problem,
    ...(later !== undefined && { retryAfterMs: later }),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * Statuses that say that nothing was done, and will not be when the same is sent again. A redirect is never followed:
 * it says that the address is wrong, except for 303.
 */
const refusals: ReadonlySet<number> = new Set([
  ...[301, 302, 307, 308],
  ...[400, 401, 403, 404, 405, 406, 410, 413, 414, 415, 422],
]);

/**
 * Statuses after which a create counts as done, whatever the body says: success, and 303, which leads to the result of a
 * request that was carried out (RFC 9110, section 15.4.4).
 */
const isDone = (status: number): boolean => (status >= 200 && status < 300) || status === 303;

/**
 * What became of something that was to be created. The status decides, also when the body broke off; whatever is not
 * known to mean otherwise leaves it open.
 */
export function sentBy(reply: Reply, created: (body: unknown) => ExternalTicket | undefined): SendResult {
  const { problem } = reply;
  if (reply.kind === 'not_sent') return { outcome: 'not_sent', problem };
  const { status } = reply;
  if (status === undefined) return { outcome: 'unknown', problem };
  if (isDone(status)) {
    if (reply.kind === 'lost') return { outcome: 'received', problem };
    const what = isSuccess(reply) ? created(reply.body) : undefined;
    return what
      ? { outcome: 'created', ...what }
      : { outcome: 'received', problem: `${problem}, but not with what it created` };
  }
  if (status === 429) return { outcome: 'not_sent', problem, ...later(reply) };
  if (refusals.has(status)) return { outcome: 'refused', problem };
  return { outcome: 'unknown', problem, ...later(reply) };
}

export const isSuccess = (reply: Reply): reply is Extract<Reply, { kind: 'answer' }> =>
  reply.kind === 'answer' && reply.status >= 200 && reply.status < 300;

/** The external system could not be asked. `retryAfterMs`: it asked for this pause. */
export type Unavailable = Extract<LookupResult, { outcome: 'unavailable' }>;

/** What is there is unknown. */
export const unavailable = (reply: Reply, because?: string): Unavailable => ({
  outcome: 'unavailable',
  problem: because === undefined ? reply.problem : `${reply.problem}, but ${because}`,
  ...later(reply),
});

/** What is needed before something can be sent is not to be had: nothing has been sent. */
export function notSent(reply: Reply, because?: string): SendResult {
  const { problem } = unavailable(reply, because);
  return reply.kind === 'answer' && refusals.has(reply.status)
    ? { outcome: 'refused', problem }
    : { outcome: 'not_sent', problem, ...later(reply) };
}

/** What a look-up found. `conclusive`: whether finding nothing means that nothing is there; a sentence says why it does not. */
export const foundOrNone = (
  tickets: readonly ExternalTicket[],
  conclusive: true | string = true,
): LookupResult => {
  if (tickets.length) return { outcome: 'found', tickets };
  return conclusive === true ? { outcome: 'none', conclusive } : { outcome: 'none', problem: conclusive };
};

const later = (reply: Reply): Readonly<{ retryAfterMs?: number }> =>
  reply.kind === 'answer' && reply.retryAfterMs !== undefined ? { retryAfterMs: reply.retryAfterMs } : {};

/** The other side may have ended its complaint with a full stop, or not. */
export const asSentence = (problem: string): string => `${problem.replace(/\.$/, '')}.`;
