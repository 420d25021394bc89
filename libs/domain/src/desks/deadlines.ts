import type { DeadlineAlarms } from '../ports/deadline-alarms';
import { explain } from '../refusal';
import type { ExceptionDesk } from './exception-desk';

export type DeadlinesOptions = DeadlineAlarms &
  Readonly<{
    /** Called after a proposal went back. */
    expired?: () => void;
  }>;

/** Acts on the deadlines of waiting exceptions, by their state when the alarm rings and not when it was set. */
export class Deadlines {
  constructor(
    private readonly desk: ExceptionDesk,
    private readonly options: DeadlinesOptions,
  ) {}

  /** Clocks differ, and the hours of the policy may have changed: an alarm that rings too early is set again. */
  async alarm(tenant: string, id: string): Promise<void> {
    const result = await this.desk.meetDeadline(tenant, id);
    // No rule refuses a deadline: a refusal is a bug, to be logged and tried again.
    if (!result.ok) return Promise.reject(new Error(explain(result.refusal)));
    const outcome = result.value;
    if (!outcome) return;
    if ('later' in outcome) await this.options.setAlarm(tenant, id, outcome.later);
    else if (outcome.state.pending === undefined) this.options.expired?.();
  }

  /** Sets the alarms of waits that are older than their alarms, or whose alarm was lost. Answers how many. */
  setMissingAlarms(): Promise<number> {
    return this.options.setMissingAlarms(this.desk.policy);
  }
}
