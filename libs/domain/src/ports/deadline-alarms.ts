import type { Policy } from '../exception/policy';
import type { Timestamp } from '../value/timestamp';

/** The alarms of waiting exceptions, outside of any unit of work. Units of work set them with their changes. */
export interface DeadlineAlarms {
  /** Sets the alarm of an exception again. One that a unit of work has set meanwhile stays. */
  setAlarm(tenant: string, exceptionId: string, at: Timestamp): Promise<void>;
  /** Sets the alarms that are missing, of all tenants; answers how many. The hours of the policy say for when. */
  setMissingAlarms(policy: Policy): Promise<number>;
}
