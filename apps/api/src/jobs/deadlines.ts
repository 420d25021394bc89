import { explain, type ExceptionDesk, type Timestamp } from '@redress/domain';

export type DeadlinesOptions = Readonly<{
  setAlarm: (tenant: string, id: string, at: Timestamp) => Promise<void>;
  /** Of every tenant; answers how many. */
  setMissingAlarms: () => Promise<number>;
  /** A proposal went back. */
  expired: () => void;
}>;

/** Meets the deadlines of what waits, by what is there when the alarm rings and not by what it was set for. */
export class Deadlines {
  constructor(
    private readonly desk: ExceptionDesk,
    private readonly options: DeadlinesOptions,
  ) {}

  /** Clocks differ, and hours may have been configured anew: what rings too early rings again. */
  async alarm(tenant: string, id: string): Promise<void> {
    const result = await this.desk.meetDeadline(tenant, id);
    // No rule stands in the way of a deadline: a refusal is a mistake of ours, to be logged and tried again.
    if (!result.ok) throw new Error(explain(result.refusal));
    const outcome = result.value;
    if (!outcome) return;
    if ('later' in outcome) await this.options.setAlarm(tenant, id, outcome.later);
    else if (outcome.state.pending === undefined) this.options.expired();
  }

  /** Of what began to wait before there were alarms, or when hours were longer; and whatever else lost its own. */
  setMissingAlarms(): Promise<number> {
    return this.options.setMissingAlarms();
  }
}
