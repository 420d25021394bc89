import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Line, requestText } from './load';

/** Asks /health/live all the time, in a thread of its own so that what the benchmark does is not measured with it. */
export class LiveProbe {
  private readonly worker: Worker;
  private readonly failure: Promise<never>;

  constructor(port: number) {
    this.worker = new Worker(__filename, { workerData: { port } });
    this.failure = new Promise((_, reject) => this.worker.once('error', reject));
    this.failure.catch(() => undefined);
  }

  /** The longest answer since this was asked before, in milliseconds. */
  async longest(): Promise<number> {
    const answered = once(this.worker, 'message') as Promise<[number]>;
    this.worker.postMessage('longest');
    const [longest] = await Promise.race([answered, this.failure]);
    return longest;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}

const betweenMs = 5;

async function probe(port: number): Promise<void> {
  const line = await Line.to(port);
  const request = requestText('GET', '/health/live', {});
  let longest = 0;
  let sent = performance.now();
  parentPort?.on('message', () => {
    // An answer that is still awaited has taken this long already.
    parentPort?.postMessage(Math.max(longest, performance.now() - sent));
    longest = 0;
  });
  for (;;) {
    sent = performance.now();
    const { status } = await line.exchange(request);
    if (status !== 200) throw new Error(`/health/live answered ${status}`);
    longest = Math.max(longest, performance.now() - sent);
    sent = Infinity;
    await pause(betweenMs);
  }
}

if (!isMainThread) void probe((workerData as { port: number }).port);
