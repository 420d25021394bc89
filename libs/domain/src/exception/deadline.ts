import type { Policy } from './policy';
import { plusHours, type Timestamp } from '../value/timestamp';
import type { ReconException } from './recon-exception';

/** The end of a wait: then a proposal returns, and any other wait is flagged, once. */
export type Deadline = Readonly<{ at: Timestamp; then: 'return' | 'flag' }>;

/** The deadline of a waiting exception; undefined when it does not wait, or waits for others than people and was flagged. */
export function deadlineOf(
  { pending, pendingSince, proposal, flaggedAt }: ReconException,
  { approvalExpiresHours, flagAfterHours }: Policy,
): Deadline | undefined {
  if (pending === undefined || pendingSince === undefined) return undefined;
  if (pending === 'approval')
    return { at: proposal?.expiresAt ?? plusHours(pendingSince, approvalExpiresHours), then: 'return' };
  return flaggedAt === undefined
    ? { at: plusHours(pendingSince, flagAfterHours[pending]), then: 'flag' }
    : undefined;
}
