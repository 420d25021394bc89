import type { Policy } from '../exception/policy';
import type { Timestamp } from '../value/timestamp';

/** The deadline jobs of waiting exceptions, outside of any unit of work. Units of work schedule them with their changes. */
export interface DeadlineJobs {
  /** Schedules the deadline job of an exception again. A job that a unit of work has scheduled meanwhile stays. */
  scheduleJob(tenant: string, exceptionId: string, at: Timestamp): Promise<void>;
  /** Schedules the deadline jobs that are missing, of all tenants, by the hours of the policy. Returns how many. */
  scheduleMissingDeadlines(policy: Policy): Promise<number>;
}
