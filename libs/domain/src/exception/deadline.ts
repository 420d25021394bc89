import type { Policy } from './policy';
import { plusHours, type Timestamp } from '../value/timestamp';
import type { ReconException } from './recon-exception';

/** What is done when nothing came until then: a proposal goes back, and any other wait is flagged, once. */
export type Deadline = Readonly<{ at: Timestamp; then: 'return' | 'flag' }>;

/** Every wait has one; undefined for what waits for nothing, or has been flagged for it. */
export function deadlineOf(
  { pending, pendingSince, proposal, flaggedAt }: ReconException,
  { approvalExpiresHours, flagAfterHours }: Policy,
): Deadline | undefined {
  if (pending === undefined || pendingSince === undefined || flaggedAt !== undefined) return undefined;
  if (pending === 'approval')
    return { at: proposal?.expiresAt ?? plusHours(pendingSince, approvalExpiresHours), then: 'return' };
  return { at: plusHours(pendingSince, flagAfterHours[pending]), then: 'flag' };
}
