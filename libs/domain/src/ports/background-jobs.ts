import type { DeadlineJobs } from './deadline-jobs';

/** A job: the tenant, and the id of what it is about. */
export type Job = Readonly<{ tenant: string; id: string }>;

/** The work of a job. When it throws, the job is run again a little later. */
export type JobHandler = (job: Job) => Promise<void>;

/** The work of every kind of job, and what belongs to it. */
export type JobHandlers = Readonly<{
  /** Carries out what is due of a dispatch. */
  dispatch: JobHandler;
  /** Acts on the deadline of a waiting exception. */
  deadline: JobHandler;
  /** Sends what is due to a webhook endpoint. */
  deliver: JobHandler;
  /** Schedules the deadline jobs that are missing; called now and then. */
  scheduleMissingDeadlines: () => Promise<unknown>;
  /** Resolves when nothing is under way that jobs have left running. */
  idle: () => Promise<void>;
  /** Ends what jobs have left running, once no more of them begin: waits at most so many milliseconds, then aborts it. */
  stop: (graceMs: number) => Promise<void>;
}>;

/** Where background work reports. Messages contain no secrets. */
export type JobLog = Readonly<{
  /** A failure; `facts.err` is the error. */
  error: (facts: object, message: string) => void;
  /** A condition that an operator should know. */
  warn: (message: string) => void;
  /** A detail for developers. */
  debug: (message: string) => void;
}>;

/** How background work reports and ends. */
export type JobOptions = Readonly<{
  log: JobLog;
  /** Milliseconds that running jobs have to end after `stop`. */
  graceMs: number;
}>;

/**
 * Job runner: runs the jobs that units of work have committed with their changes, each when its time has come, and again
 * when it failed. A job may be run twice. The runner also deletes replies to idempotency keys that have expired.
 */
export interface BackgroundJobs extends DeadlineJobs {
  /** How many processes are known to run, this one included; one where it is not known. */
  readonly processes?: number;
  /** Resolves when jobs are run. */
  start(handlers: JobHandlers, options: JobOptions): Promise<void>;
  /** Begins no more jobs, and resolves when none is running. Does nothing unless it was started. */
  stop(): Promise<void>;
}
