import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problems/problem';
import { withTimeout } from '../with-timeout';

/** The bounds of a request body. */
export type BodyLimits = Readonly<{
  /** Bytes of a body that is collected; a streamed one has no such limit. */
  maxBytes: number;
  /** Milliseconds that a whole body may take after its headers, and each next piece of a streamed one. */
  timeoutMs: number;
}>;

type Done = (error: Error | null, body?: Buffer) => void;

/** Collects a body. It has a deadline of our own: a client that stops sending, or sends slowly, holds no connection. */
export function collectBody(payload: IncomingMessage, { maxBytes, timeoutMs }: BodyLimits, done: Done): void {
  const declared = payload.headers['content-length'];
  if (Number(declared) > maxBytes) return done(failure(413));
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = (error: Error | null): void => {
    clearTimeout(timer);
    payload.off('data', take).off('end', finish).off('error', fail);
    if (error) done(error);
    else done(null, Buffer.concat(chunks, bytes));
  };
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > maxBytes) end(failure(413));
    else chunks.push(chunk);
  };
  const finish = (): void => end(declared === undefined || Number(declared) === bytes ? null : failure(400));
  const fail = (error: Error): void => end(Object.assign(error, { statusCode: 400 }));
  const timer = setTimeout(() => end(bodyTooLate()), timeoutMs);
  payload.on('data', take).on('end', finish).on('error', fail);
}

/** A streamed body. It may take any time as long as it makes progress: waiting for its reader does not count. */
export const streamBody = (payload: Readable, { timeoutMs }: BodyLimits): Readable =>
  Readable.from(piecesOf(payload, timeoutMs), { objectMode: false });

async function* piecesOf(payload: Readable, timeoutMs: number): AsyncGenerator<Buffer> {
  // A destroyed request could not be answered.
  const pieces = payload.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await withTimeout(timeoutMs, pieces.next(), bodyTooLate);
    if (next.done) return;
    yield next.value as Buffer;
  }
}

/** Closes a connection whose request was answered before its body came, unless the rest comes in time. */
export function closeUnfinished(fastify: FastifyInstance, { timeoutMs }: BodyLimits): void {
  fastify.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete && !raw.destroyed) {
      const timer = setTimeout(() => raw.destroy(), timeoutMs).unref();
      raw.once('close', () => clearTimeout(timer));
    }
    done();
  });
}

const bodyTooLate = (): Problem =>
  new Problem('request_timeout', 'The body did not arrive in time; send the request again.', undefined, {
    connection: 'close',
  });

/** Answered by its status, as errors of the framework are. */
const failure = (statusCode: number): Error =>
  Object.assign(new Error('The body cannot be taken.'), { statusCode });
