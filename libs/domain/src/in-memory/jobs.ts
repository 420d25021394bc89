import type { BackgroundJobs, Job, JobHandlers, JobOptions } from '../ports/background-jobs';
import { timestamp, type Timestamp } from '../value/timestamp';
import { dueAt } from '../webhook/delivery';
import type { InMemoryDatabase } from './database';
import { headsOfLanes } from './deliveries';
import type { Tables } from './tables';

/** Calls `run` again and again until the function it answers is called. `setInterval` can do it. */
export type Repeat = (run: () => Promise<void>) => () => void;

/** The time by which jobs are due, and what runs them again and again. */
export type InMemoryJobsOptions = Readonly<{
  /** The present time. */
  clock: () => Date;
  repeat?: Repeat | undefined;
}>;

/** A job, and the state that made it due: in one `runDue` it is not run again in that state. */
type DueJob = Job & Readonly<{ kind: 'dispatch' | 'deadline' | 'deliver'; state: string }>;

/** A chain of jobs, such as a note that waits for its ticket, is shorter; what goes on for longer is a bug. */
const maxRounds = 100;

/**
 * Jobs in memory. Nothing is scheduled: what is due follows from the committed tables and the clock. `runDue` runs it, for
 * tests; with `repeat`, it is run again and again, for trials.
 */
export class InMemoryJobs implements BackgroundJobs {
  private started: Readonly<{ handlers: JobHandlers; options: JobOptions }> | undefined;
  private running: Promise<void> = Promise.resolve();
  private endRepeating: (() => void) | undefined;

  constructor(
    private readonly database: InMemoryDatabase,
    private readonly options: InMemoryJobsOptions,
  ) {}

  async start(handlers: JobHandlers, options: JobOptions): Promise<void> {
    this.started = { handlers, options };
    this.endRepeating = this.options.repeat?.(() => this.runDue());
  }

  async stop(): Promise<void> {
    const { started } = this;
    this.started = undefined;
    this.endRepeating?.();
    await this.running;
    await started?.handlers.stop(started.options.graceMs);
  }

  /** Runs the jobs that are due, and those that become due by it. What fails stays due until it is called again. */
  runDue(): Promise<void> {
    return (this.running = this.running.then(() => this.rounds()));
  }

  /** The alarm follows from the exception. */
  async scheduleJob(): Promise<void> {
    return undefined;
  }

  async scheduleMissingDeadlines(): Promise<number> {
    return 0;
  }

  private async rounds(): Promise<void> {
    const ran = new Set<string>();
    for (let round = 0; round < maxRounds; round++) {
      const jobs = this.due().filter((job) => !ran.has(nameOf(job)));
      if (jobs.length === 0) return;
      for (const job of jobs) {
        ran.add(nameOf(job));
        await this.run(job);
      }
      await this.started?.handlers.idle();
    }
  }

  private async run({ kind, tenant, id }: DueJob): Promise<void> {
    try {
      await this.started?.handlers[kind]({ tenant, id });
    } catch (error) {
      this.started?.options.log.error({ err: error, task: kind }, 'background work failed');
    }
  }

  private due(): readonly DueJob[] {
    const now = timestamp(this.options.clock());
    return this.database.tenants().flatMap((tenant) => dueIn(tenant, this.database.tablesOf(tenant), now));
  }
}

const nameOf = ({ kind, tenant, id, state }: DueJob): string => JSON.stringify([kind, tenant, id, state]);

function dueIn(tenant: string, t: Tables, now: Timestamp): readonly DueJob[] {
  const isDue = (at: Timestamp | undefined): boolean => at !== undefined && at <= now;
  const dispatches = [...t.dispatches.values()]
    .filter(({ nextAttemptAt }) => isDue(nextAttemptAt))
    .map(({ id, version }): DueJob => ({ kind: 'dispatch', tenant, id, state: String(version) }));
  // Whether its deadline has come is decided by the handler.
  const deadlines = [...t.exceptions.values()]
    .filter(({ pending, flaggedAt }) => pending !== undefined && flaggedAt === undefined)
    .map(({ id, version }): DueJob => ({ kind: 'deadline', tenant, id, state: String(version) }));
  return [...dispatches, ...deadlines, ...endpointJobs(tenant, t, isDue)];
}

/** One job for each endpoint that has something to send by now. */
function endpointJobs(
  tenant: string,
  t: Tables,
  isDue: (at: Timestamp | undefined) => boolean,
): readonly DueJob[] {
  const due = [...headsOfLanes(t).values()].filter((delivery) => isDue(dueAt(delivery)));
  return [...new Set(due.map(({ endpointId }) => endpointId))].map((id): DueJob => {
    const its = due.filter(({ endpointId }) => endpointId === id);
    const state = its.map(({ eventId, attempts }) => `${eventId} ${attempts}`).join();
    return { kind: 'deliver', tenant, id, state };
  });
}
