import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestId } from '../ids';
import type { RouteMethods } from './route-methods';
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
    private readonly methods?: Pick<RouteMethods, 'of'>,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = this.problemOf(error, request);
    // A Problem is an expected answer. Its stack has no information, and clients may cause many of them.
    const origin = error instanceof Problem ? {} : { err: error };
    if (problem.status >= 500) request.log.error(origin, problem.message);
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
    const methods = status === 404 && request.is404 ? (this.methods?.of(request.url) ?? []) : [];
    const allow = methods.join(', ');
    if (!allow || methods.includes(request.method)) return problemOfStatus(status, this.prefix);
    const sentence = `This address has no ${request.method}; it has ${allow}.`;
    return new Problem('method_not_allowed', sentence, { allow }, { allow });
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

/** Refuses what Node's HTTP server would refuse by itself without a body: no Host, and an expectation that is not known. */
export function answerForNode(fastify: FastifyInstance, problems: ProblemFilter): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { headers, httpVersion } = request.raw;
    if (headers.host !== undefined || httpVersion !== '1.1') return done();
    problems.answer(new Problem('invalid_request', 'The request needs the header Host.'), request, reply);
  });
  fastify.server.on('checkExpectation', ({ headers }: IncomingMessage, response: ServerResponse) => {
    const message = 'No expectation can be met but 100-continue; send the request without Expect.';
    const { type, body } = errorBody({ status: 417, title: 'expectation_failed', message }, headers.accept);
    const length = Buffer.byteLength(body);
    response
      .writeHead(417, {
        'content-type': type,
        'content-length': length,
        'x-request-id': requestId({ headers }),
      })
      .end(body);
  });
}

/** For what fails before any request exists: the bytes on the line are no HTTP, or they do not come. */
export function malformedHttp({ code, rawPacket }: { code?: string; rawPacket?: unknown }): string {
  const [title, message] = clientErrors[code ?? ''] ?? notHttp;
  const status = failures[title];
  const bytes = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : '';
  const header = (name: string) => new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(bytes)?.[1];
  const { type, body } = errorBody({ status, title, message }, header('accept'));
  const id = requestId({ headers: { 'x-request-id': header('x-request-id') } });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const notHttp = ['invalid_request', 'This is not a well-formed HTTP request.'] as const;

/** Codes of Node's HTTP server, which are in the documentation of its event `clientError`. */
const clientErrors: Readonly<Record<string, readonly [FailureTitle, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request did not arrive in time; send it again.'],
};
