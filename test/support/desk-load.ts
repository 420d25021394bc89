import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../../apps/api/src/ids';
import type { Answer, Person } from './app';

export type Request = Readonly<{
  kind: 'raise' | 'resolve' | 'get' | 'list';
  /** In milliseconds of the monotonic clock. */
  sentAt: number;
  tookMs: number;
  status: number;
  retryAfter: string | undefined;
}>;

export type DeskLoad = Readonly<{
  /** What was answered so far. */
  requests: readonly Request[];
  /** Of exceptions whose every request has had a right answer in the end. */
  finished: readonly string[];
  /** What is not answered yet was sent at these times. */
  waiting: () => readonly number[];
  /** Answers when each client has come to the end of its exception. */
  stop: () => Promise<void>;
}>;

/**
 * Clients that raise an exception, read it, look at the list and resolve it, again and again. Changes have a key and are
 * repeated with it, reads are repeated without one, until they are served: any answer but 503 that is not right throws.
 */
export function startDeskLoad(person: Person, clients: number): DeskLoad {
  const requests: Request[] = [];
  const finished: string[] = [];
  const waiting = new Set<{ sentAt: number }>();
  let stopped = false;

  async function served(kind: Request['kind'], right: number, ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const request = { sentAt: performance.now() };
      waiting.add(request);
      const { sentAt } = request;
      const answer = await ask();
      waiting.delete(request);
      const { status, headers } = answer;
      requests.push({
        kind,
        sentAt,
        tookMs: performance.now() - sentAt,
        status,
        retryAfter: headers['retry-after'],
      });
      if (status === right) return answer;
      if (status !== 503) throw new Error(`${kind}: ${answer.status} ${answer.text}`);
      await pause(50);
    }
  }

  async function work(): Promise<void> {
    while (!stopped) {
      const key = () => ({ 'x-idempotency-key': newId() });
      const [raising, resolving] = [key(), key()];
      const report = { transactionId: newId(), reason: 'Amount mismatch detected' };
      const raised = await served('raise', 201, () => person.post('/v1/exceptions', report, raising));
      const path = `/v1/exceptions/${raised.body.id}`;
      await served('get', 200, () => person.get(path));
      await served('list', 200, () => person.get('/v1/exceptions?limit=5'));
      const resolution = { resolution: 'ACCEPTED' };
      await served('resolve', 200, () => person.post(`${path}/resolve`, resolution, resolving));
      finished.push(raised.body.id);
      // Leaves the processor to other tests: they would wait longer for this one than it waits for the database.
      await pause(200);
    }
  }

  const working = Array.from({ length: clients }, work);
  // Failures are thrown where it is stopped.
  for (const client of working) client.catch(() => undefined);
  return {
    requests,
    finished,
    waiting: () => [...waiting].map(({ sentAt }) => sentAt),
    stop: async () => {
      stopped = true;
      await Promise.all(working);
    },
  };
}
