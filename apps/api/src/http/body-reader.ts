import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem';
import { withTimeout } from '../with-timeout';
import { BodyBudget } from './body-budget';
import { closeUnfinished, closeUntaken } from './slow-clients';

/** The bounds of request bodies. */
export type BodyLimits = Readonly<{
  /** Bytes of a body that is collected; a streamed one has no such limit. */
  maxBytes: number;
  /** Bytes of bodies that are held at a time. */
  maxHeldBytes: number;
  /** Milliseconds that a whole body may take once it is read, and each next piece of a streamed one. */
  timeoutMs: number;
}>;

/** A body that is not read yet: a request that is refused for its caller or its headers does not need it. */
export class PendingBody {
  constructor(readonly read: () => Promise<Buffer>) {}
}

/** Bytes that a streamed body counts for: the longest line that is held of it. */
const streamedBytes = 1_048_576;

type Take = (bytes: number) => Problem | undefined;

/** Reads the bodies of requests within their limits. */
export class BodyReader {
  private readonly budget: BodyBudget;
  private readonly responses = new WeakMap<IncomingMessage, ServerResponse>();
  private readonly awaitingContinue = new WeakSet<IncomingMessage>();

  constructor(
    fastify: FastifyInstance,
    private readonly limits: BodyLimits,
  ) {
    this.budget = new BodyBudget(limits.maxHeldBytes, limits.maxBytes);
    fastify.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      this.awaitingContinue.add(request);
      fastify.server.emit('request', request, response);
    });
    fastify.addHook('onRequest', ({ raw }, reply, done) => {
      this.responses.set(raw, reply.raw);
      done();
    });
    closeUntaken(fastify, limits);
    closeUnfinished(fastify, limits);
  }

  /** All of it, unless it is too large, too late, or too much beside others. */
  collected = (request: FastifyRequest): PendingBody =>
    new PendingBody(() => collectBody(request.raw, this.limits, () => this.begin(request)));

  /** It may take any time as long as it makes progress: waiting for its reader does not count. */
  streamed = (request: FastifyRequest): Readable =>
    Readable.from(
      piecesOf(request.raw, this.limits, () => this.begin(request)),
      { objectMode: false },
    );

  /** From now on the body is waited for. What it takes of the budget is free again once the request is answered. */
  private begin({ raw, ip }: FastifyRequest): Take {
    let taken = 0;
    const response = this.responses.get(raw);
    response?.once('close', () => this.budget.take(ip, -taken));
    if (this.awaitingContinue.delete(raw)) response?.writeContinue();
    return (bytes) => {
      const refused = this.budget.take(ip, bytes);
      if (!refused) taken += bytes;
      return refused;
    };
  }
}

/** The deadline is one of our own: a client that stops sending, or sends slowly, holds no connection. */
function collectBody(
  payload: IncomingMessage,
  { maxBytes, timeoutMs }: BodyLimits,
  begin: () => Take,
): Promise<Buffer> {
  const { 'content-length': declared } = payload.headers;
  if (Number(declared) > maxBytes) return Promise.reject(failure(413));
  if (payload.destroyed) return Promise.reject(payload.errored ?? failure(400));
  const takePart = begin();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (error?: Error): void => {
      clearTimeout(timer);
      payload.off('data', take).off('end', finish).off('error', fail);
      if (error) reject(error);
      else resolve(Buffer.concat(chunks, bytes));
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      const refused = bytes > maxBytes ? failure(413) : takePart(chunk.length);
      if (refused) end(refused);
      else chunks.push(chunk);
    };
    const finish = (): void =>
      end(declared === undefined || Number(declared) === bytes ? undefined : failure(400));
    const fail = (error: Error): void => end(Object.assign(error, { statusCode: 400 }));
    const timer = setTimeout(() => end(bodyTooLate()), timeoutMs);
    payload.on('data', take).on('end', finish).on('error', fail);
  });
}

async function* piecesOf(
  payload: Readable,
  { timeoutMs }: BodyLimits,
  begin: () => Take,
): AsyncGenerator<Buffer> {
  const refused = begin()(streamedBytes);
  if (refused) throw refused;
  // A destroyed request could not be answered.
  const pieces = payload.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await withTimeout(timeoutMs, pieces.next(), bodyTooLate);
    if (next.done) return;
    yield next.value as Buffer;
  }
}

const bodyTooLate = (): Problem =>
  new Problem('request_timeout', 'The body did not arrive in time; send the request again.', undefined, {
    connection: 'close',
  });

/** Answered by its status, as errors of the framework are. */
const failure = (statusCode: number): Error =>
  Object.assign(new Error('The body cannot be taken.'), { statusCode });
