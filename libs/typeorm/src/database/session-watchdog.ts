import { Client, type Pool } from 'pg';

/** How often waiting statements are looked at. */
const tickMs = 250;
/** After so long without an answer the server is asked whether it works on the statement at all. */
const suspectAfterMs = 1500;
/** Within this time a new connection has to be made, and has to answer. */
const askWithinMs = 1000;
/** Ticks until the server is asked again about statements that it does work on. */
const restTicks = 4;
/** The answer may be on its way when the server is asked for the first time. */
const idleVerdicts = 2;
/** A session that answered within this time is not closed for the silence of another. */
const recentMs = 1000;

/** A database session that the watchdog can close. */
export type WatchedSession = Readonly<{
  /** The process id of its backend, as the server gave it when the connection was made. */
  backendPid: number | undefined;
  lastAnswerAt: number;
  /** Closes its socket at once, without a goodbye; what waits for an answer fails with the reason. */
  abort: (reason: string) => void;
}>;

/** What shows that a server takes no changes: it refused one, or said so when it was asked. */
export type WrongServerSign = 'refused_change' | 'asked';

type Wait = { readonly session: WatchedSession; readonly limit: number; ticks: number; idle: number };

/**
 * Watches the statements of one pool that have no answer yet. It keeps the deadline of each, and finds sessions whose
 * connection went silent much earlier: when a new connection shows that the server waits for the next statement of a
 * session, or does not know the session, the answer we wait for is lost. A statement that runs is left alone.
 *
 * Time is counted in ticks that this process has really had: standing still (a blocked event loop, a stopped process)
 * is not mistaken for a silent server. The timer runs only while a statement waits.
 */
export class SessionWatchdog {
  private readonly waits = new Map<WatchedSession, Wait>();
  private readonly idle = new Set<WatchedSession>();
  private timer: NodeJS.Timeout | undefined;
  private asking = false;
  private rest = 0;
  private readonly allClosedAt = new Map<WrongServerSign, number>();

  /** `url` must reach the server as the pool's connections do, in the role that they log in with. */
  constructor(private readonly url: string) {}

  /** Learns which of the pool's sessions are idle, so that they can be closed when the server is found silent. */
  follow(pool: Pool): void {
    const session = (client: unknown) => client as WatchedSession;
    pool.on('release', (_, client) => this.idle.add(session(client)));
    pool.on('acquire', (client) => this.idle.delete(session(client)));
    pool.on('remove', (client) => this.idle.delete(session(client)));
  }

  /** A statement was sent, and has to be answered within this time. */
  sent(session: WatchedSession, limitMs: number): void {
    this.waits.set(session, { session, limit: Math.ceil(limitMs / tickMs), ticks: 0, idle: 0 });
    this.timer ??= setInterval(() => this.tick(), tickMs).unref();
  }

  /** Nothing more is waited for. */
  answered(session: WatchedSession): void {
    this.waits.delete(session);
  }

  /** Another session was found silent: closes the idle ones, but for those that answered just now. */
  closeSilent(): void {
    this.closeIdle(performance.now() - recentMs);
  }

  /**
   * Another session was found on the wrong server: closes all idle ones, but not again and again while it stays so. Each
   * sign is limited by itself, so that a check of readiness does not keep a refused change from a new connection.
   */
  closeAll(sign: WrongServerSign): void {
    const now = performance.now();
    if (now - (this.allClosedAt.get(sign) ?? -Infinity) < recentMs) return;
    this.allClosedAt.set(sign, now);
    this.closeIdle(Infinity);
  }

  private closeIdle(answeredBefore: number): void {
    for (const session of this.idle)
      if (session.lastAnswerAt < answeredBefore) session.abort('another session of the pool was useless');
  }

  private tick(): void {
    if (this.waits.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
      return;
    }
    // Answers that have arrived are read first: Node runs timers before it reads from sockets.
    setImmediate(() => {
      let suspect = false;
      for (const wait of this.waits.values()) {
        if (++wait.ticks > wait.limit) this.close(wait, `no answer within ${wait.limit * tickMs} ms`);
        else if (wait.ticks * tickMs >= suspectAfterMs) suspect = true;
      }
      if (suspect && !this.asking && --this.rest < 0) void this.ask();
    });
  }

  private close({ session }: Wait, reason: string): void {
    this.waits.delete(session);
    session.abort(reason);
    this.closeSilent();
  }

  private async ask(): Promise<void> {
    this.asking = true;
    this.rest = 0;
    const suspects = [...this.waits.values()].filter(({ ticks }) => ticks * tickMs >= suspectAfterMs);
    const pids = suspects.flatMap(({ session }) => session.backendPid ?? []);
    const answer = await runningBackends(this.url, pids).catch(() => undefined);
    this.asking = false;
    // Without an answer nothing is known: the deadlines remain, and the next tick asks again.
    if (!answer) return;
    this.rest = restTicks;
    const { running } = answer;
    if (!running) return;
    for (const wait of suspects) {
      const { session } = wait;
      if (this.waits.get(session) !== wait || session.backendPid === undefined) continue;
      if (running.has(session.backendPid)) wait.idle = 0;
      else if (++wait.idle >= idleVerdicts) this.close(wait, 'the server does not work on the statement');
      else this.rest = 0;
    }
  }
}

/**
 * Which of these backends work on a statement, as far as the server lets us see. Undefined when process ids say
 * nothing: a pooler between us and the server makes up its own.
 */
async function runningBackends(
  url: string,
  pids: readonly number[],
): Promise<{ running: ReadonlySet<number> | undefined }> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: askWithinMs,
    query_timeout: askWithinMs,
    application_name: 'redress-watchdog',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number; own: boolean }>(
      `SELECT pid, pid = pg_backend_pid() AS own FROM pg_stat_activity
       WHERE pid = pg_backend_pid()
          OR pid = ANY($1) AND (state IS NULL OR state NOT IN ('idle', 'idle in transaction', 'idle in transaction (aborted)'))`,
      [pids],
    );
    const own = rows.find((row) => row.own)?.pid;
    const real = own !== undefined && own === backendPidOf(client);
    return { running: real ? new Set(rows.map(({ pid }) => pid)) : undefined };
  } finally {
    client.connection.stream.destroy();
  }
}

/** The driver keeps it for cancel requests; its types do not tell. */
export const backendPidOf = (client: Client): number | undefined =>
  (client as { processID?: number | null }).processID ?? undefined;
