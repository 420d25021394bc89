import { setTimeout as pause } from 'node:timers/promises';
import {
  Logger,
  parseCronItems,
  run,
  type Runner,
  type RunnerOptions,
  type TaskList,
  type WorkerEvents,
} from 'graphile-worker';
import type { Pool } from 'pg';
import { jobSchema } from './job-schema';
import type { Log } from './log';
import { releaseAbandonedJobs } from './abandoned-jobs';
import { eventsWithHeartbeat } from './listener-heartbeat';
import type { JobProcess } from './job-process';

/** The subject of a job: a row of a tenant. */
export type JobPayload = Readonly<{ tenant: string; id: string }>;

/**
 * Does what is due for the row that the job names. Attempts are counted in the tables of the desk. When it throws, the job
 * runs again a little later. `signal` asks it to end, because the process is stopping.
 */
export type Task = (payload: JobPayload, signal: AbortSignal) => Promise<void>;

/** A task on a schedule. One process runs it at a time. */
export type CronJob = Readonly<{
  /** Five fields in UTC, as crontab has them: `0 3 * * *` is 3:00 every day. */
  cron: string;
  /** What it throws is logged, and the next run is made as planned. */
  run: () => Promise<unknown>;
}>;

/** The options of a job engine. */
export type JobEngineOptions = Readonly<{
  pool: Pool;
  /** The process whose jobs these are: when it dies, they begin elsewhere. */
  process?: JobProcess;
  /** The pool belongs to another, and is not ended with the engine. */
  keepsPool?: boolean;
  /** How many jobs this process runs at the same time; 0 = it leaves them to others. */
  workers: number;
  /** Statements are prepared; not where a pooler lends sessions for one transaction. True unless given. */
  prepares?: boolean;
  tasks: Readonly<Record<string, Task>>;
  cronJobs: Readonly<Record<string, CronJob>>;
  /** Called once no more jobs begin: ends what jobs have left running. */
  stopped?: () => Promise<void>;
  /** Milliseconds that running jobs have after a stop, before their signals are aborted. */
  patienceMs: number;
  log: Log;
}>;

/** How often due jobs with a time are looked for; a job that is due at once is announced (LISTEN). */
const pollMs = 1000;
const restartMs = 1000;
/**
 * When no look for a job has succeeded for so long, the engine starts afresh: it keeps what it first failed to read, and
 * waits longer and longer to listen again.
 */
const failingForMs = 2000;
/** How long a shutdown of the engine may take beyond `patienceMs`, and how long once its workers have ended. */
const shutdownMs = 10_000;
const settleMs = 2000;

/** Job engine: runs jobs that were committed with the rows they belong to, and cron jobs. Any number of processes share them. */
export class JobEngine {
  private stopping = false;
  private runner: Runner | undefined;
  private poolId: string | undefined;
  private running: Promise<void> | undefined;
  /** Settles when the shutdown of the runner has taken too long. */
  private givenUp: Promise<void> | undefined;

  constructor(private readonly options: JobEngineOptions) {}

  /** Starts to run jobs. A failed start is logged and tried again every second. */
  async start(): Promise<void> {
    if (this.options.workers === 0) return;
    await this.startRunner();
    this.running = this.keepRunning();
  }

  /**
   * Stops: begins no more jobs, waits for the running ones, and after `patienceMs` asks them to end by their signals. Call it
   * before the database is closed, which running jobs still need.
   */
  async stop(): Promise<void> {
    const { stopped, pool, keepsPool } = this.options;
    this.stopping = true;
    await Promise.race([this.runner?.stop().catch(() => undefined), this.givenUp]);
    await this.running;
    await stopped?.();
    if (!keepsPool) await pool.end();
  }

  private async startRunner(): Promise<void> {
    try {
      this.runner = await run(this.runnerOptions());
      this.watch(this.runner);
      this.givenUp = this.limitShutdown(this.runner);
      if (this.stopping) await this.runner.stop();
    } catch (error) {
      this.options.log.error({ err: error }, 'background work could not start');
    }
  }

  private async keepRunning(): Promise<void> {
    for (;;) {
      const { process } = this.options;
      const ended = this.runner?.promise.catch((error: unknown) =>
        this.options.log.error({ err: error }, 'background work stopped'),
      );
      await (ended && Promise.race([ended, this.givenUp]));
      this.runner = undefined;
      if (this.poolId !== undefined) process?.forget(this.poolId);
      if (!this.stopping) await pause(restartMs);
      if (this.stopping) return;
      await this.startRunner();
    }
  }

  private watch(runner: Runner): void {
    const { events } = runner;
    let failingSince: number | undefined;
    const found = () => (failingSince = undefined);
    events.on('job:start', found);
    events.on('worker:getJob:empty', found);
    events.on('worker:getJob:error', () => {
      failingSince ??= performance.now();
      if (performance.now() - failingSince < failingForMs) return;
      failingSince = Infinity;
      runner.stop('it finds no jobs').catch(() => undefined);
    });
  }

  /**
   * A deadline for the shutdown of a runner. After a failure to report a job the engine may wait for itself for ever, although
   * its workers have ended (0.17.3: a batch counts what is under way below zero).
   */
  private limitShutdown({ events, promise }: Runner): Promise<void> {
    return new Promise((resolve) => {
      const timers: NodeJS.Timeout[] = [];
      const giveUpAfter = (ms: number) => () => void timers.push(setTimeout(resolve, ms).unref());
      events.once('pool:gracefulShutdown', giveUpAfter(this.options.patienceMs + shutdownMs));
      events.once('pool:gracefulShutdown:complete', giveUpAfter(settleMs));
      const end = () => timers.forEach((timer) => clearTimeout(timer));
      promise.then(end, end);
    });
  }

  private runnerOptions(): RunnerOptions {
    const { pool, workers, patienceMs, prepares = true } = this.options;
    return {
      pgPool: pool,
      schema: jobSchema,
      concurrency: workers,
      pollInterval: pollMs,
      gracefulShutdownAbortTimeout: patienceMs,
      noHandleSignals: true,
      taskList: this.taskList(),
      parsedCronItems: parseCronItems(
        Object.entries(this.allCronJobs()).map(([task, { cron }]) => ({ task, match: cron })),
      ),
      logger: new Logger(() => (level, message, facts) => this.note(level, message, facts)),
      events: this.engineEvents(),
      // With a delay the engine would not wait for its own writes, and would end the process when one fails.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0, preparedStatements: prepares } },
    };
  }

  /** Its jobs are locked in the name of its pool of workers. */
  private engineEvents(): WorkerEvents {
    const events = eventsWithHeartbeat();
    events.on('pool:create', ({ workerPool: { id } }) => {
      this.poolId = id;
      this.options.process?.watch(id);
    });
    return events;
  }

  private taskList(): TaskList {
    const { tasks } = this.options;
    const list: TaskList = {};
    for (const [name, task] of Object.entries(tasks))
      list[name] = (payload, { abortSignal }) =>
        this.runLogged(name, () => task(payload as JobPayload, abortSignal));
    for (const [name, { run: work }] of Object.entries(this.allCronJobs()))
      list[name] = () => this.runLogged(name, work);
    return list;
  }

  private allCronJobs(): Readonly<Record<string, CronJob>> {
    const { pool, cronJobs } = this.options;
    return { ...cronJobs, release_jobs: { cron: '* * * * *', run: () => releaseAbandonedJobs(pool) } };
  }

  /** Logs a failure without secrets. The engine and its table learn only that the task failed. */
  private async runLogged(task: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.log.error({ err: error, task }, 'background work failed');
      throw new Error('see the log of the service');
    }
  }

  private note(level: string, message: string, facts: object | undefined): void {
    const { log } = this.options;
    // Failures of tasks are logged by `runLogged`.
    if (facts && 'failure' in facts) return;
    if (level === 'error' || level === 'warning') log.warn(message);
    else log.debug(message);
  }
}
