import { STATUS_CODES } from 'node:http';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { foreignStatus, problemOfStatus } from './foreign-errors';
import { errorBody, failures, Problem, type ErrorContent, type FailureTitle } from './problem';

/** The message to the client for an error which shows that the database is away for now; undefined for other errors. */
export type Outage = (error: unknown) => string | undefined;

/** Exception filter: answers every failure in the contract's shape, and logs those that the server is to blame for. */
export class ProblemFilter implements ExceptionFilter {
  /** `prefix`: where a host application has mounted the API, for the addresses in messages. */
  constructor(
    private readonly outage: Outage,
    private readonly prefix = '',
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = this.problemOf(error, request);
    if (problem.status >= 500) request.log.error({ err: error }, problem.message);
    const { type, body } = errorBody(problem, request.headers.accept);
    if (reply.sent) return;
    if (isKeyed(request)) reply.header('x-idempotency-replayed', 'false');
    void reply.status(problem.status).headers(problem.headers).header('content-type', type).send(body);
  }

  private problemOf(error: unknown, request: FastifyRequest): Answered {
    if (error instanceof Problem) return error;
    // The client broke off the request and does not receive this answer. This comes before the check for an outage,
    // since a lost connection to the database has the same error code.
    if (error instanceof Error && error === request.raw.errored) return problemOfStatus(400, this.prefix);
    const outage = this.outage(error);
    if (outage) return new Problem('service_unavailable', outage, undefined, { 'retry-after': '1' });
    const status = foreignStatus(error, servesFiles(request));
    if (status === 413 && isMessage(request)) return new Problem('payload_too_large', messageTooLarge);
    return problemOfStatus(status, this.prefix);
  }
}

type Answered = ErrorContent & Pick<Problem, 'headers'>;

/** A wildcard route takes the rest of its address for the path of a file. */
const servesFiles = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url?.endsWith('*') ?? false;

/** A message of an external system, which is never sent as a file. */
const isMessage = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.includes('/v1/inbound/') ?? false;

const messageTooLarge =
  'The message is larger than this service takes (BODY_LIMIT_BYTES): have the external system send less, such as fewer fields.';

/** Every answer to a request with an idempotency key says whether it is a replay; a failure never is one. */
const isKeyed = ({ method, headers }: FastifyRequest): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  (headers['x-idempotency-key'] ?? headers['idempotency-key']) !== undefined;

/** For what fails before any request exists: the bytes on the line are no HTTP, or they do not come. */
export function malformedHttp(error: { code?: string }): string {
  const [title, message] = clientErrors[error.code ?? ''] ?? notHttp;
  const status = failures[title];
  const { body } = errorBody({ status, title, message }, undefined);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}

const notHttp = ['invalid_request', 'This is not a well-formed HTTP request.'] as const;

/** Codes of Node's HTTP server, which are in the documentation of its event `clientError`. */
const clientErrors: Readonly<Record<string, readonly [FailureTitle, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request did not arrive in time; send it again.'],
};
