import { HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorBody, failures, Problem, type FailureTitle } from './problem';

/** Tells from an error whether the database is away, which is nobody's mistake and passes. */
export type Outage = (error: unknown) => string | undefined;

/** Every failure becomes an error of the contract's shape. What is nobody's refusal or mistake is logged. */
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly outage: Outage) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = this.problemOf(error);
    if (problem.status >= 500) request.log.error({ err: error }, problem.message);
    const { type, body } = errorBody(problem, request.headers.accept);
    if (reply.sent) return;
    if (isKeyed(request)) reply.header('x-idempotency-replayed', 'false');
    void reply.status(problem.status).headers(problem.headers).header('content-type', type).send(body);
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof Problem) return error;
    const outage = this.outage(error);
    if (outage) return new Problem('service_unavailable', outage, undefined, { 'retry-after': '1' });
    const status =
      error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown }).statusCode;
    const [title, message] = (typeof status === 'number' && known[status]) || unknown;
    return new Problem(title, message);
  }
}

/** Whoever sent an idempotency key is told with every answer whether it is a replay; a failure never is. */
const isKeyed = ({ method, headers }: FastifyRequest): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  (headers['x-idempotency-key'] ?? headers['idempotency-key']) !== undefined;

/** What Nest and Fastify refuse by themselves, by status, in our words: theirs may name internals. */
const known: Readonly<Record<number, readonly [FailureTitle, string]>> = {
  400: ['invalid_request', 'The request is malformed: check its address, headers and Content-Length.'],
  404: ['route_not_found', 'There is nothing at this address for this method; /docs lists what there is.'],
  413: ['payload_too_large', 'The body is too large; send files of any size to /v1/exceptions/import.'],
  414: ['invalid_request', 'The address is too long.'],
  415: ['unsupported_media_type', 'Send the body with Content-Type: application/json.'],
};

const unknown = [
  'internal_error',
  'Something went wrong here. The request id finds it in our logs.',
] as const;

/** For what fails before any request exists: the bytes on the line are no HTTP. */
export function malformedHttp(error: { code?: string }): string {
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const status = tooLarge ? '431 Request Header Fields Too Large' : `${failures.invalid_request} Bad Request`;
  const message = tooLarge ? 'The headers are too large.' : 'This is not a well-formed HTTP request.';
  const { body } = errorBody({ status: parseInt(status, 10), title: 'invalid_request', message }, undefined);
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}
