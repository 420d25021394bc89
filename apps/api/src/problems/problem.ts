import { explain, type Refusal, shortened } from '@redress/domain';

/** Every failure that is not a refusal of the domain: title → HTTP status. */
export const failures = {
  invalid_request: 400,
  unauthorized: 401,
  insufficient_scope: 403,
  route_not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  precondition_failed: 412,
  payload_too_large: 413,
  too_many_matches: 422,
  secrets_key_missing: 503,
  secrets_unreadable: 422,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  expectation_failed: 417,
  too_many_requests: 429,
  headers_too_large: 431,
  internal_error: 500,
  service_unavailable: 503,
} as const;

export type FailureTitle = keyof typeof failures;

/** Every refusal of the domain: code → HTTP status. A refusal without its line here does not compile. */
export const refusalStatus: Readonly<Record<Refusal['code'], number>> = {
  not_found: 404,
  not_allowed: 422,
  still_pending: 422,
  already_assigned: 422,
  own_proposal: 422,
  already_approved: 422,
  assigned_by_approver: 422,
  not_proposer: 422,
  nothing_proposed: 422,
  proposal_expired: 422,
  dispute_active: 422,
  evidence_limit: 422,
  already_dispatched: 422,
  connector_not_configured: 422,
  already_reversed: 422,
  not_reversible: 422,
  not_author: 403,
  callback_mismatch: 422,
  unknown_currency: 422,
  amount_precision: 422,
  amount_not_positive: 422,
  amount_out_of_range: 422,
  adjustment_does_not_fit: 422,
  reason_not_listed: 422,
  residual_not_accepted: 422,
  unexpected_count: 422,
  invalid_value: 400,
  stale_version: 412,
  idempotency_key_reused: 422,
  dispatch_refused: 422,
  request_in_progress: 409,
};

type Details = Readonly<Record<string, unknown>>;

/** A failed request, as the contract's `ErrorResponse` tells it. Thrown only within the HTTP layer. */
export class Problem extends Error {
  readonly status: number;

  constructor(
    readonly title: FailureTitle,
    message: string,
    readonly details?: Details,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = failures[title];
  }
}

/** What is wrong with a field, by its name: a whole sentence, or the rest of one that the name begins, as "must be …". */
export type Faults = Readonly<Record<string, string>> | Iterable<readonly [field: string, problem: string]>;

/** An error names this many faults at most, and says how many more there are. */
export const maxFaults = 20;
/**
 * Bytes that all faults of one error may take as JSON. Each is said three times (in `message`, `error` and
 * `details.fields`), so an error stays below 16 kB whatever the request held.
 */
const maxFaultBytes = 4500;
/** UTF-16 units of a field's name and of a problem: together less than `maxFaultBytes`, however they are escaped. */
const maxFieldName = 80;
const maxProblem = 600;

/** A malformed request: the sentences of all faults, and in `details.fields` each under the name of its field. */
export function invalidRequest(faults: Faults): Problem {
  const fields = new Map<string, string>();
  const sentences: string[] = [];
  let bytes = 0;
  let more = 0;
  for (const [name, said] of Symbol.iterator in faults ? faults : Object.entries(faults)) {
    if (more > 0 || fields.size === maxFaults) {
      more++;
      continue;
    }
    const field = shortened(name, maxFieldName);
    const problem = shortened(said, maxProblem);
    const sentence = said.endsWith('.') ? ended(problem) : `${field} ${problem}.`;
    bytes += Buffer.byteLength(JSON.stringify(sentence));
    if (fields.has(field) || bytes > maxFaultBytes) more++;
    else {
      fields.set(field, problem);
      sentences.push(sentence);
    }
  }
  if (more > 0) sentences.push(`${more} more ${more === 1 ? 'fault is' : 'faults are'} not listed.`);
  const details = { fields: Object.fromEntries(fields), ...(more > 0 && { more }) };
  return new Problem('invalid_request', sentences.join(' '), details);
}

const ended = (sentence: string): string => (sentence.endsWith('.') ? sentence : `${sentence}.`);

/** What an error body says, whichever of its two shapes the client asked for. */
export type ErrorContent = Readonly<{
  status: number;
  title: string;
  message: string;
  details?: Details | undefined;
}>;

/** A refusal as the client gets it: its code is the title, its facts are the details. */
export function refusalContent(refusal: Refusal): ErrorContent {
  const status = refusalStatus[refusal.code];
  const message = explain(refusal);
  if (refusal.code === 'invalid_value') {
    return {
      status,
      title: 'invalid_request',
      message,
      details: { fields: { [refusal.field]: refusal.problem } },
    };
  }
  const { code: title, ...facts } = refusal;
  return { status, title, message, ...(Object.keys(facts).length && { details: facts }) };
}

export const problemJson = 'application/problem+json';

/** The contract's `ErrorResponse`, or RFC 9457 for a client that accepts `application/problem+json`. */
export function errorBody(
  { status, title, message, details }: ErrorContent,
  accept: string | undefined,
): { type: string; body: string } {
  if (accept?.includes(problemJson)) {
    const body = {
      type: `urn:redress:problem:${title}`,
      title,
      status,
      detail: message,
      ...(details && { details }),
    };
    return { type: problemJson, body: JSON.stringify(body) };
  }
  const body = { code: String(status), title, message, error: message, ...(details && { details }) };
  return { type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}
