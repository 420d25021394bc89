import { write, writeSync } from 'node:fs';

/** Where log lines go. */
export type LogStream = { write(line: string): void };

/** Characters that wait for a reader that does not read; what comes beyond is dropped, and counted. */
const maxWaiting = 16 * 1024 * 1024;
const retryMs = 100;
/** How long the end of the process waits for a reader. */
const flushMs = 500;

/**
 * Standard output for log lines, which waits for no reader: not for one that is slow, nor, at the end of the process, for
 * one that is gone. Lines are written in the background, and at the end those that are left, as far as they are taken.
 */
export class LogOutput implements LogStream {
  private waiting: string[] = [];
  private length = 0;
  private dropped = 0;
  /** What is being written. */
  private batch: Buffer | undefined;
  private isGone = false;

  constructor(private readonly fd: number) {
    process.once('exit', () => this.flush());
  }

  write(line: string): void {
    if (this.isGone) return;
    if (this.length > maxWaiting) {
      this.dropped++;
      return;
    }
    this.waiting.push(line);
    this.length += line.length;
    if (!this.batch) this.continue();
  }

  private continue(): void {
    if (!(this.batch ??= this.next())) return;
    write(this.fd, this.batch, (error, written) => {
      if (isBusy(error)) return void setTimeout(() => this.continue(), retryMs).unref();
      if (error) return this.giveUp();
      this.advance(written);
      this.continue();
    });
  }

  /** Everything that waits, as one piece. */
  private next(): Buffer | undefined {
    if (this.dropped > 0)
      this.waiting.push(`{"level":"warn","msg":"${this.dropped} log lines were dropped"}\n`);
    if (this.waiting.length === 0) return undefined;
    const batch = Buffer.from(this.waiting.join(''));
    [this.waiting, this.length, this.dropped] = [[], 0, 0];
    return batch;
  }

  private advance(written: number): void {
    if (this.batch) this.batch = written < this.batch.length ? this.batch.subarray(written) : undefined;
  }

  private giveUp(): void {
    this.isGone = true;
    [this.waiting, this.batch] = [[], undefined];
  }

  private flush(): void {
    const end = performance.now() + flushMs;
    while (!this.isGone && performance.now() < end && (this.batch ??= this.next())) {
      try {
        this.advance(writeSync(this.fd, this.batch));
      } catch (error) {
        if (!isBusy(error)) this.giveUp();
      }
    }
  }
}

/** A pipe whose reader does not keep up. */
const isBusy = (error: unknown): boolean => (error as NodeJS.ErrnoException | null)?.code === 'EAGAIN';

let output: LogOutput | undefined;

/** The standard output of this process. */
export function standardOutput(): LogOutput {
  // Node makes a pipe non-blocking when it is first asked for: a blocking one would hold the thread that writes.
  return (output ??= new LogOutput(process.stdout.fd));
}
