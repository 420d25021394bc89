import { explain, type ExceptionDesk, type Timestamp } from '@redress/domain';

export type DeadlinesOptions = Readonly<{
  scheduleJob: (tenant: string, id: string, at: Timestamp) => Promise<void>;
  /** For every tenant. Returns how many. */
  scheduleMissingDeadlines: () => Promise<number>;
  /** Called when a proposal has expired. */
  expired: () => void;
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
    // No rule forbids a deadline, so a refusal is a bug: it is logged, and the job runs again.
    if (!result.ok) throw new Error(explain(result.refusal));
    const outcome = result.value;
    if (!outcome) return;
    if ('later' in outcome) await this.options.scheduleJob(tenant, id, outcome.later);
    else if (outcome.state.pending === undefined) this.options.expired();
  }

  /** Schedules the deadlines of waits that have no job, or a job for a later time than the present settings. */
  scheduleMissingDeadlines(): Promise<number> {
    return this.options.scheduleMissingDeadlines();
  }
}
