import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiModule } from './app.module';
import type { Config } from './config/config';
import { AnswerAdapter } from './http/http-answer.adapter';
import { acceptBodies } from './http/body.pipe';
import { serveApiDescription } from './openapi';
import { malformedHttp, ProblemFilter } from './problems/problem.filter';
import { sendSecurityHeaders } from './http/security-headers';
import {
  loggingOptions,
  logRequests,
  nestLogger,
  returnRequestIds,
  type LogStream,
} from './observability/logging';
import { measureRequests, Metrics } from './observability/metrics';
import { openDatabase, outageOf } from '@redress/typeorm';

/** The whole service over a migrated database, not yet listening. */
export async function createApp(config: Config, logs?: LogStream): Promise<NestFastifyApplication> {
  const problems = new ProblemFilter(outageOf);
  const adapter = new AnswerAdapter({
    ...loggingOptions(config.logLevel, logs),
    bodyLimit: config.bodyLimitBytes,
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
  const fastify = adapter.getInstance();
  const dataSource = await openDatabase({
    url: config.databaseUrl,
    pool: config.databasePool,
    statementTimeoutMs: config.statementTimeoutMs,
    lockTimeoutMs: config.idempotencyWaitMs,
    warn: (message) => fastify.log.warn(message),
  });
  const module = ApiModule.forRoot(config, dataSource, fastify.log);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: nestLogger(fastify.log),
    abortOnError: false,
  });
  fastify.addHook('onClose', () => dataSource.destroy());
  acceptBodies(fastify);
  returnRequestIds(fastify);
  const metrics = app.get(Metrics);
  measureRequests(fastify, metrics);
  adapter.onAnswer(({ replayed, refusal }) => {
    if (replayed) metrics.replayed();
    if (refusal) metrics.refused(refusal);
  });
  logRequests(fastify);
  await sendSecurityHeaders(fastify);
  serveApiDescription(app);
  return app;
}
