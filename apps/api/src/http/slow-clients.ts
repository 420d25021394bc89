import type { FastifyInstance } from 'fastify';

type Limits = Readonly<{ maxBytes: number; timeoutMs: number }>;

/** What is left of a body whose request was answered is passed over, up to this many times the largest body. */
const passedOver = 16;

/** Closes a connection whose request was answered before its body came, unless the rest comes soon and is short. */
export function closeUnfinished(fastify: FastifyInstance, { maxBytes, timeoutMs }: Limits): void {
  fastify.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete && !raw.destroyed) {
      const deadline = performance.now() + timeoutMs;
      const most = raw.socket.bytesRead + passedOver * maxBytes;
      const look = (): unknown =>
        (performance.now() > deadline || raw.socket.bytesRead > most) && raw.destroy();
      const timer = setInterval(look, Math.min(timeoutMs / 10, 250)).unref();
      raw.once('close', () => clearInterval(timer));
    }
    done();
  });
}

/** Closes the connection of a client that does not take its answer. While it waits for us, there is nothing left to take. */
export function closeUntaken(fastify: FastifyInstance, { timeoutMs }: Limits): void {
  fastify.addHook('onSend', (_request, { raw }, payload, done) => {
    raw.setTimeout(timeoutMs, () => {
      if (raw.socket?.writableLength) raw.destroy();
    });
    done(null, payload);
  });
}
