import type { DeadlineJobs } from '../ports/deadline-jobs';
import { explain } from '../refusal';
import type { ExceptionDesk } from './exception-desk';

/** Where deadline jobs are scheduled, and what is called for an expired proposal. */
export type DeadlinesOptions = DeadlineJobs &
  Readonly<{
    /** Called after a proposal went back. */
    expired?: () => void;
  }>;

/** Deadlines of waiting exceptions: decides by the present state, not by the state at which the job was scheduled. */
export class Deadlines {
  constructor(
    private readonly desk: ExceptionDesk,
    private readonly options: DeadlinesOptions,
  ) {}

  /** Runs the deadline job of one exception. A job that ran too early, as clocks and settings differ, is scheduled again. */
  async runJob(tenant: string, id: string): Promise<void> {
    const result = await this.desk.meetDeadline(tenant, id);
    // No rule refuses a deadline: a refusal is a bug, to be logged and tried again.
    if (!result.ok) return Promise.reject(new Error(explain(result.refusal)));
    const outcome = result.value;
    if (!outcome) return;
    if ('later' in outcome) await this.options.scheduleJob(tenant, id, outcome.later);
    else if (outcome.state.pending === undefined) this.options.expired?.();
  }

  /** Schedules the deadlines of waits that have no job, or a job for a later time than the present settings. Returns how many. */
  scheduleMissingDeadlines(): Promise<number> {
    return this.options.scheduleMissingDeadlines(this.desk.policy);
  }
}
