import type { Patch } from '../change';
import { cut } from '../value/text';
import { laterBy, type Timestamp } from '../value/timestamp';
import { lookupMoments, type LookupPolicy } from './lookup-policy';
import { isWanted, maySend, problemLength, type Dispatch } from './dispatch';
import { attemptDelaysMs, nextAttemptAt } from './schedule';

/** Retries on the schedule: nothing arrived, so it is sent again as long as attempts are left. */
export function retried(dispatch: Dispatch, now: Timestamp, retryAfterMs = 0): Patch<Dispatch> {
  const due = nextAttemptAt(dispatch.id, dispatch.attempts, now);
  if (due === undefined) return { state: 'DEAD', nextAttemptAt: undefined };
  return { state: 'RESERVED', nextAttemptAt: latest(due, laterBy(now, retryAfterMs)) };
}

/** A send with an unknown outcome. To a receiver that de-duplicates by id it is sent again on the schedule. */
export function lost(
  dispatch: Dispatch,
  now: Timestamp,
  policy: LookupPolicy,
  retryAfterMs = 0,
): Patch<Dispatch> {
  if (policy.lookups === 0) return retried(dispatch, now, retryAfterMs);
  return { ...toLookUp(dispatch, now, policy, retryAfterMs), doubtfulSends: dispatch.doubtfulSends + 1 };
}

/** A success without a reference: it is looked up to learn the reference, and never sent again. */
export const received = (
  dispatch: Dispatch,
  now: Timestamp,
  policy: LookupPolicy,
  retryAfterMs = 0,
): Patch<Dispatch> => ({ ...toLookUp(dispatch, now, policy, retryAfterMs), receivedAt: now });

/**
 * The external system refused it. The refusal of a resend says nothing about the earlier send, which may have arrived: the
 * ticket stays live, so that no other is made, until a person has checked.
 */
export function refused(dispatch: Dispatch, problem: string): Patch<Dispatch> {
  if (dispatch.kind === 'ticket' && dispatch.live && dispatch.doubtfulSends > 0) {
    const lastError = adviceOn(dispatch, `Sent again: ${problem}`);
    return { state: 'DEAD', lastError, nextAttemptAt: undefined };
  }
  // A reversal has been booked here and cannot be returned: it waits for a person.
  const state = dispatch.posting?.type === 'reversal' ? 'DEAD' : 'FAILED';
  return { state, live: false, lastError: cut(problem, problemLength), nextAttemptAt: undefined };
}

const toLookUp = (
  dispatch: Dispatch,
  now: Timestamp,
  policy: LookupPolicy,
  retryAfterMs: number,
): Patch<Dispatch> => ({
  state: 'UNKNOWN',
  misses: 0,
  nextAttemptAt: latest(lookupAt(dispatch, 0, policy), laterBy(now, retryAfterMs)),
});

/**
 * A look-up that found nothing: look up again, and after the settle time resend, or leave it to a person. Only a conclusive
 * look-up tells that nothing is there.
 */
export function missed(
  dispatch: Dispatch,
  now: Timestamp,
  policy: LookupPolicy,
  { conclusive = false, problem }: Readonly<{ conclusive?: boolean; problem?: string }>,
): Patch<Dispatch> {
  const misses = dispatch.misses + 1;
  const settled = now >= laterBy(dispatch.lastSentAt ?? dispatch.requestedAt, policy.settleMs);
  if (misses < policy.lookups || !settled)
    return { misses, nextAttemptAt: latest(lookupAt(dispatch, misses, policy), now) };
  if (conclusive && !isWanted(dispatch) && dispatch.receivedAt === undefined)
    return {
      misses,
      state: 'FAILED',
      nextAttemptAt: undefined,
      lastError: 'It did not arrive, and is not wanted any more.',
    };
  if (!maySend(dispatch)) {
    const again = lookedUpAgain(dispatch, now);
    return { misses, ...again, ...(again.state === 'DEAD' && { lastError: adviceOn(dispatch, problem) }) };
  }
  // The settle time was the delay; the schedule only limits the number of attempts here.
  return conclusive && dispatch.attempts < attemptDelaysMs.length
    ? { misses, state: 'RESERVED', nextAttemptAt: now }
    : { misses, state: 'DEAD', nextAttemptAt: undefined, lastError: adviceOn(dispatch, problem) };
}

/** A look-up that could not be made counts as an attempt, so that a target that is gone is not asked forever. */
export function waited(
  dispatch: Dispatch,
  now: Timestamp,
  problem: string,
  retryAfterMs = 0,
): Patch<Dispatch> {
  const again = lookedUpAgain(dispatch, now, retryAfterMs);
  return {
    ...again,
    lastError: again.state === 'DEAD' ? adviceOn(dispatch, problem) : cut(problem, problemLength),
  };
}

/** The next look-up on the schedule of attempts; after the last, an unconfirmed dispatch is given up. */
function lookedUpAgain(dispatch: Dispatch, now: Timestamp, retryAfterMs = 0): Patch<Dispatch> {
  const attempts = dispatch.attempts + 1;
  const due = nextAttemptAt(dispatch.id, attempts, now);
  if (due !== undefined) return { attempts, nextAttemptAt: latest(due, laterBy(now, retryAfterMs)) };
  return { ...(dispatch.state === 'UNKNOWN' && { state: 'DEAD' }), attempts, nextAttemptAt: undefined };
}

const lookupAt = (dispatch: Dispatch, misses: number, { settleMs }: LookupPolicy): Timestamp =>
  laterBy(dispatch.lastSentAt ?? dispatch.requestedAt, settleMs * (lookupMoments[misses] ?? 1));

/** The advice to a person about a dispatch that no look-up finds, with the last problem. */
function adviceOn({ receivedAt, doubtfulSends }: Dispatch, problem?: string): string {
  const fact =
    receivedAt === undefined
      ? `It was sent ${doubtfulSends === 1 ? 'once' : `${doubtfulSends} times`} without a clear answer`
      : 'The external system said that it created it';
  return cut(
    `${fact}, but it cannot be found with this account. ` +
      'Check in the external system whether it is there, then answer for this dispatch.' +
      (problem === undefined ? '' : ` ${problem}`),
    problemLength,
  );
}

const latest = (a: Timestamp, b: Timestamp): Timestamp => (a > b ? a : b);
