import { Client, type ClientConfig } from 'pg';
import {
  backendPidOf,
  type SessionWatchdog,
  type WatchedSession,
  type WrongServerSign,
} from './session-watchdog';
import { dropsSession, isReadOnly } from './sql-state';

/** How long a goodbye may take. */
const endWithinMs = 1000;

/** The server did not answer in time. Whether it did what it was asked to is not known. */
export class SilentServer extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(reason: string) {
    super(`The connection to the database was closed: ${reason}.`);
  }
}

export type SessionDeadline = Readonly<{
  /** Within this time each statement has to be answered; longer than the server's own `statement_timeout`. */
  statementMs: number;
  watchdog: SessionWatchdog;
}>;

/**
 * A database session (a driver's client) in which every statement has a deadline that this process keeps itself: the
 * server cannot keep one when the connection to it is silent. After the deadline the socket is closed, the statement
 * fails, and the pool does not use the session again, whichever library sent the statement. The same goes for a session
 * after an error that leaves it useless, such as one on a server that has become read-only.
 */
export class PgSession extends Client implements WatchedSession {
  /** By the monotonic clock, in milliseconds. */
  lastAnswerAt = performance.now();
  private until = Infinity;

  constructor(
    config: ClientConfig | undefined,
    private readonly deadline: SessionDeadline,
  ) {
    super(config);
    const { watchdog } = deadline;
    const answered = () => {
      watchdog.answered(this);
      this.lastAnswerAt = performance.now();
    };
    // The first statement may have been sent already, which has its deadline.
    this.on('connect', () => (this.lastAnswerAt = performance.now()));
    // All statements that were sent have been answered.
    this.on('drain', answered);
    this.on('end', () => watchdog.answered(this));
    // A broken connection fails what uses it; without a listener it would end the process.
    this.on('error', () => undefined);
    this.connection.on('errorMessage', (error: { code: string }) => {
      // The statement fails first; the pool removes sessions that have ended.
      if (isReadOnly(error)) queueMicrotask(() => this.leaveServer('refused_change'));
      else if (dropsSession(error.code)) queueMicrotask(() => void this.end());
    });
  }

  get backendPid(): number | undefined {
    return backendPidOf(this);
  }

  get statementMs(): number {
    return this.deadline.statementMs;
  }

  /** Closes this session and the idle ones of its pool, since new ones may lead to a server that takes changes. */
  leaveServer(sign: WrongServerSign): void {
    void this.end();
    this.deadline.watchdog.closeAll(sign);
  }

  /** Ends each following statement at this time of the monotonic clock at the latest; Infinity takes that back. */
  endBy(until: number): void {
    this.until = until;
  }

  // Any: it passes on what any overload of the driver's takes, and answers what that answers.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  override query(...asked: any[]): any {
    const limit = Math.min(this.deadline.statementMs, this.until - performance.now());
    if (!this.connection.stream.destroyed) this.deadline.watchdog.sent(this, Math.max(0, limit));
    return (super.query as (...passed: unknown[]) => unknown).apply(this, asked);
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    const { stream } = this.connection;
    const late = setTimeout(() => stream.destroy(), endWithinMs).unref();
    stream.once('close', () => clearTimeout(late));
    return callback ? super.end(callback) : super.end();
  }

  abort(reason: string): void {
    this.connection.stream.destroy(new SilentServer(reason));
  }
}

/** The class of sessions with this deadline, for a pool, which makes them by itself. */
export const sessionsWith = (deadline: SessionDeadline): new (config?: ClientConfig) => PgSession =>
  class extends PgSession {
    constructor(config?: ClientConfig) {
      super(config, deadline);
    }
  };
