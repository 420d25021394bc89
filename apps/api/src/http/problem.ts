import { explain, type Refusal } from '@redress/domain';

/** Every failure that is not a refusal of the domain: title → HTTP status. */
export const failures = {
  invalid_request: 400,
  unauthorized: 401,
  insufficient_scope: 403,
  route_not_found: 404,
  payload_too_large: 413,
  too_many_matches: 422,
  secrets_key_missing: 422,
  unsupported_media_type: 415,
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
  reason_not_listed: 422,
  residual_not_accepted: 422,
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

/** A malformed request; `fields` says for each field what is wrong with it: a whole sentence, or "must be …". */
export const invalidRequest = (fields: Readonly<Record<string, string>>): Problem => {
  const sentences = Object.entries(fields).map(([field, problem]) =>
    problem.endsWith('.') ? problem : `${field} ${problem}.`,
  );
  return new Problem('invalid_request', sentences.join(' '), { fields });
};

/** What an error body says, whichever of its two shapes the client asked for. */
export type Told = Readonly<{
  status: number;
  title: string;
  message: string;
  details?: Details | undefined;
}>;

/** A refusal as it is told to the client: its code is the title, its facts are the details. */
export function tellRefusal(refusal: Refusal): Told {
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
  { status, title, message, details }: Told,
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
