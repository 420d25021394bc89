import { EventEmitter } from 'node:events';
import type { WorkerEvents } from 'graphile-worker';
import type { PoolClient } from 'pg';

/** How often the connection that listens for new jobs is asked for a sign of life: by itself it never says anything. */
const heartbeatMs = 1000;

/**
 * The engine's events, with a heartbeat on the connection it listens on. When that has gone silent, the statement fails
 * at its deadline and breaks the connection, and the engine makes another.
 */
export function eventsWithHeartbeat(): WorkerEvents {
  const events = new EventEmitter() as WorkerEvents;
  let beating: NodeJS.Timeout | undefined;
  const end = () => clearInterval(beating);
  events.on('pool:listen:success', ({ client }) => {
    end();
    beating = heartbeat(client);
  });
  events.on('pool:listen:error', end);
  events.on('pool:listen:release', end);
  return events;
}

function heartbeat(client: PoolClient): NodeJS.Timeout {
  let waiting = false;
  return setInterval(() => {
    if (waiting) return;
    waiting = true;
    void client
      .query('SELECT')
      .catch(() => undefined)
      .finally(() => (waiting = false));
  }, heartbeatMs).unref();
}
