import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { outageOf } from '@redress/typeorm';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DataSource } from 'typeorm';
import { ApiModule } from './app.module';
import type { Authenticate } from './auth/host.guard';
import type { Config } from './config/config';
import { acceptBodies } from './http/body.pipe';
import { allowOrigins } from './http/cors';
import { AnswerAdapter } from './http/http-answer.adapter';
import { sendSecurityHeaders } from './http/security-headers';
import type { LogStream } from './observability/log-output';
import { loggingOptions, logRequests, nestLogger, returnRequestIds } from './observability/logging';
import { measureRequests, Metrics } from './observability/metrics';
import { serveApiDescription } from './openapi';
import { answerForNode, malformedHttp, ProblemFilter } from './problems/problem.filter';
import { RouteMethods } from './problems/route-methods';
import { hostDatabase, ownDatabase, type Database } from './storage/database';

/** What a host application decides, in which the API is mounted. */
export type Host = Readonly<{
  /** Where the API is mounted, such as /redress. */
  prefix: string;
  authenticate: Authenticate;
  /** Initialized and migrated. Without it, the API opens the database of `DATABASE_URL`. */
  dataSource?: DataSource | undefined;
}>;

/** The whole service over a migrated database, not yet listening; or, with a host, the API that is mounted in it. */
export async function createApp(
  config: Config,
  logs?: LogStream,
  host?: Host,
): Promise<NestFastifyApplication> {
  const methods = new RouteMethods();
  const problems = new ProblemFilter(outageOf, host?.prefix, methods);
  const adapter = adapterFor(config, problems, logs, host);
  methods.listen(adapter.getInstance());
  const { log } = adapter.getInstance();
  const database = host?.dataSource
    ? hostDatabase(host.dataSource)
    : await ownDatabase(config, (message) => log.warn(message));
  try {
    return await createOver(database, adapter, problems, config, host);
  } catch (error) {
    await database.close();
    throw error;
  }
}

function adapterFor(
  config: Config,
  problems: ProblemFilter,
  logs: LogStream | undefined,
  host: Host | undefined,
): AnswerAdapter {
  const adapter = new AnswerAdapter({
    ...loggingOptions(config.logLevel, logs),
    http: {
      // Of a whole request, an import of any length included: bodies have deadlines of their own.
      requestTimeout: 0,
      headersTimeout: config.requestTimeoutMs,
      // Node would answer by itself, without a body.
      requireHostHeader: false,
      connectionsCheckingInterval: Math.min(config.requestTimeoutMs / 4, 5000),
    },
    // Its types forget that a number of proxies is accepted, too.
    trustProxy: config.trustProxy as boolean | string[],
    routerOptions: { maxParamLength: 2048 },
    // Before a request has a route, Nest does not see it.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(error, request, reply),
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(malformedHttp(error));
    },
    forceCloseConnections: 'idle',
  });
  if (host) adapter.prefix = host.prefix;
  return adapter;
}

/** NestFactory keeps options of the application that it creates: one of our own leaves those of a host alone. */
const factory = new (NestFactory.constructor as new () => typeof NestFactory)();

async function createOver(
  database: Database,
  adapter: AnswerAdapter,
  problems: ProblemFilter,
  config: Config,
  host: Host | undefined,
): Promise<NestFastifyApplication> {
  const fastify = adapter.getInstance();
  const module = ApiModule.forRoot({ ...host, config, database, problems, log: fastify.log });
  const app = await factory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    // Nest has one logger for all applications of a process: within a host, it is the host's.
    ...(!host && { logger: nestLogger(fastify.log) }),
    abortOnError: false,
  });
  fastify.addHook('onClose', () => database.close());
  allowOrigins(app, config.corsOrigins);
  acceptBodies(fastify, {
    maxBytes: config.bodyLimitBytes,
    maxHeldBytes: config.bodyMemoryBytes,
    timeoutMs: config.requestTimeoutMs,
  });
  fastify.server.maxConnections = config.maxConnections;
  returnRequestIds(fastify);
  answerForNode(fastify, problems);
  const metrics = app.get(Metrics);
  measureRequests(fastify, metrics);
  adapter.onAnswer(({ replayed, refusal }) => {
    if (replayed) metrics.replayed();
    if (refusal) metrics.refused(refusal);
  });
  logRequests(fastify);
  await sendSecurityHeaders(fastify);
  serveApiDescription(app, host?.prefix);
  return app;
}
