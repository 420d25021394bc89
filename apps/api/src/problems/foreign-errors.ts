import { HttpException } from '@nestjs/common';
import { failures, type ErrorContent, type FailureTitle, type Problem } from './problem';

/*
 * Errors that Nest, Fastify, and plugins such as the static file server throw by themselves. Their status is passed on
 * where the client is to blame; their words are not, since they may name internals.
 */

/**
 * The status an error asks for: 4xx when the request is to blame, else 500. An error of the file system has no status. It
 * tells of the address where the route serves files (`servesFiles`), and of a bug everywhere else.
 */
export function foreignStatus(error: unknown, servesFiles: boolean): number {
  const { statusCode, code } = (error ?? {}) as { statusCode?: unknown; code?: unknown };
  const status = error instanceof HttpException ? error.getStatus() : statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return status === 403 && servesFiles ? 404 : status;
  const isPathError = error instanceof URIError || pathErrors.has(String(code));
  return servesFiles && isPathError ? 404 : 500;
}

/** What opening a file fails with when its path is to blame: no such file, a name too long, a U+0000 in it. */
const pathErrors: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'EINVAL',
  'ENAMETOOLONG',
  'ERR_INVALID_ARG_VALUE',
  'ERR_INVALID_FILE_URL_PATH',
]);

/**
 * The error of the contract for such a status; 5xx and what is no status become `internal_error`. The addresses it names
 * begin with the prefix that the API is mounted under.
 */
export function problemOfStatus(status: number, prefix = ''): ErrorContent & Pick<Problem, 'headers'> {
  if (status < 400 || status > 499) return { ...internalError, headers: {} };
  const [title, sentence] = clientMistakes[status] ?? otherMistake;
  const message = sentence.replace('{prefix}', prefix);
  // An address that is too long is malformed, as one that cannot be decoded is.
  return { status: clientMistakes[status] ? failures[title] : status, title, message, headers: {} };
}

const internalError: ErrorContent = {
  status: failures.internal_error,
  title: 'internal_error',
  message: 'Something went wrong here. The request id finds it in our logs.',
};

const clientMistakes: Readonly<Record<number, readonly [FailureTitle, string]>> = {
  400: ['invalid_request', 'The request is malformed: check its address, headers and Content-Length.'],
  401: ['unauthorized', 'Send a token in the header Authorization: Bearer <token>.'],
  403: ['insufficient_scope', 'The token does not open this route.'],
  404: [
    'route_not_found',
    'There is nothing at this address for this method; {prefix}/docs lists what there is.',
  ],
  408: ['request_timeout', 'The request did not arrive in time; send it again.'],
  412: ['precondition_failed', 'The condition in the headers does not hold; send the request without it.'],
  413: [
    'payload_too_large',
    'The body is too large; send files of any size to {prefix}/v1/exceptions/import.',
  ],
  414: ['invalid_request', 'The address is too long.'],
  415: ['unsupported_media_type', 'Send the body with Content-Type: application/json.'],
  416: ['range_not_satisfiable', 'The file has no such range; ask for another, or for all of it.'],
  431: ['headers_too_large', 'The headers are too large.'],
};

const otherMistake = [
  'invalid_request',
  'The request cannot be answered as it was sent: check its method, address and headers.',
] as const;
