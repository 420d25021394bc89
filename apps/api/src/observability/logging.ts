import type { LoggerService } from '@nestjs/common';
import {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyLogFn,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import type { Config } from '../config/config';
import { requestId } from '../ids';
import { standardOutput, type LogStream } from './log-output';
import { describeError, framesOf, redacted, type ErrorDescription } from '../config/redaction';

type LoggingOptions = Pick<FastifyServerOptions, 'logger' | 'genReqId' | 'logController'>;

/** The part of Fastify's options that is about logs and request ids. */
export const loggingOptions = (
  level: Config['logLevel'],
  stream: LogStream = standardOutput(),
): LoggingOptions => ({
  logger: {
    level,
    stream,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: {
      // Every line passes here, so it does not matter who wrote it: this app, the framework or a driver.
      logMethod(args, method) {
        method.apply(this, redactedLine(args) as Parameters<FastifyLogFn>);
      },
    },
    serializers: {
      // Nest logs stand-ins for requests, too, which have no URL.
      req: ({ id, method, url = '' }: Pick<FastifyRequest, 'id' | 'method'> & { url?: string }) => ({
        id,
        method,
        path: url.replace(/[?#].*/s, ''),
      }),
      // Already described where it passed above; this is for what a child logger is bound to.
      err: (error: Error | ErrorDescription) => (error instanceof Error ? describeError(error) : error),
      res: ({ statusCode }: { statusCode?: number | string }) => ({ status: statusCode }),
    },
  },
  genReqId: requestId,
  // Fastify's own two lines per request name the URL with its query; `logRequests` writes one that does not.
  logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
});

/** Pino's arguments: an object or an error may come first, then the message and what is put into it. */
function redactedLine([first, message, ...rest]: unknown[]): unknown[] {
  if (first instanceof Error) return redactedLine([{ err: first }, message, ...rest]);
  const error = typeof first === 'object' && first !== null && 'err' in first ? first.err : undefined;
  // A line that repeats its error's message takes it from the description, which leaves out what must not be logged.
  const repeats = error instanceof Error && (message === undefined || message === error.message);
  return [first, repeats ? describeError(error).message : message, ...rest].map((part) => redacted(part));
}

/** Every answer names the request it belongs to, so that a caller can ask about it. */
export function returnRequestIds(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
}

/** Asked every few seconds by machines: worth a line only when the answer is bad. */
const routine = new Set(['/health/live', '/health/ready', '/metrics']);

/** One line per answered request. It holds the route as declared, so no ids, and nothing that the caller wrote. */
export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, log } = request;
    const { statusCode: status, elapsedTime } = reply;
    const route = request.routeOptions.url ?? 'unmatched';
    const replayed = reply.getHeader('x-idempotency-replayed');
    const level = status >= 500 ? 'error' : status < 400 && routine.has(route) ? 'debug' : 'info';
    log[level](
      {
        method,
        route,
        status,
        ms: Math.round(elapsedTime * 10) / 10,
        ...(replayed !== undefined && { replayed: replayed === 'true' }),
        ...callerOf(request),
      },
      'request',
    );
    done();
  });
}

function callerOf(request: FastifyRequest): { tenant?: unknown; actor?: unknown } {
  const { tenant, actor } = (request as { user?: { tenant?: unknown; actor?: unknown } }).user ?? {};
  return { tenant, actor };
}

/** What Nest tells about itself while it starts: one line per module and route. */
const startup = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Nest's log lines among all others. After the message comes a stack, or the context, or both. */
export function nestLogger(log: FastifyBaseLogger): LoggerService {
  const write =
    (level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace') =>
    (message: unknown, ...rest: unknown[]): void => {
      const texts = rest.filter((part) => typeof part === 'string');
      const context = texts.find((part) => !framesOf(part));
      const [stack] = texts.map(framesOf).filter(Boolean);
      const at = level === 'info' && startup.has(context ?? '') ? 'debug' : level;
      if (message instanceof Error) log[at]({ context, err: message });
      else if (typeof message === 'string') log[at]({ context, stack }, message);
      else log[at]({ context, stack, data: message });
    };
  return {
    fatal: write('fatal'),
    error: write('error'),
    warn: write('warn'),
    log: write('info'),
    debug: write('debug'),
    verbose: write('trace'),
  };
}
