import { setTimeout as pause } from 'node:timers/promises';
import type { Result, Session } from '@redress/domain';
import { TimeLimit } from '../database/tenant-pool';
import { isConnectionError, isHeldUp, isReadOnly, isStalePlan, sqlState } from '../database/sql-state';

/** Lost races: a row count was missed, a key was taken, the server chose a victim. */
const conflicts = new Set(['RD001', '23505', '40001', '40P01']);
const maxAttempts = 10;
/** Who has waited so long in vain, in milliseconds, does not wait as long for another connection. */
const lostWithinMs = 3000;

/** The options of a unit of work. */
export type UnitOfWorkOptions = Readonly<{
  /** How long a reply is kept for its idempotency key, in hours. */
  replyHours: number;
  /** The time from which that counts; the clock of this machine unless given. See `DatabaseClock`. */
  clock?: (() => Date) | undefined;
  /** Called when a unit of work runs again because another one was faster. */
  onRetry?: (() => void) | undefined;
}>;

/** Until when a reply is kept that is remembered now. */
export const replyExpiryOf = ({ replyHours, clock = () => new Date() }: UnitOfWorkOptions): Date =>
  new Date(clock().getTime() + replyHours * 3_600_000);

/** One attempt: its number, from 1, and whether it came to the point where changes are sent. */
export type Attempt = { readonly number: number; committing: boolean };

/** Runs a unit of work until it is committed or refused, and again where that may help. */
export async function runWithRetries<T>(
  session: Session,
  { onRetry }: UnitOfWorkOptions,
  run: (attempt: Attempt, limit: TimeLimit) => Promise<Result<T>>,
): Promise<Result<T>> {
  const limit = new TimeLimit();
  let lost = 0;
  const start = performance.now();
  for (let number = 1; ; number++) {
    const attempt: Attempt = { number, committing: false };
    const began = performance.now();
    try {
      return await run(attempt, limit);
    } catch (error) {
      if (isConnectionError(error)) lost += performance.now() - start < lostWithinMs ? 1 : maxAttempts;
      // What was held up would be so for as long again; cut off in the middle, it would look like a lost connection.
      const again = isHeldUp(error) ? performance.now() - began : 0;
      if (!isWorthRetrying(error, session, attempt, lost) || limit.isOver(again)) throw error;
      onRetry?.();
      await pause(Math.random() * 2 ** Math.min(number, 5));
    }
  }
}

/**
 * A lost race is run again. So is, once, a lost connection when nothing was being committed; when something was, its
 * fate is unknown, and only a remembered reply can tell on the second run. A server that refuses to write has
 * committed nothing, and neither has a plan from before a migration. A held-up request waits again, but not with a key: it may be this very request that is being
 * committed elsewhere, and there is an answer for that.
 */
function isWorthRetrying(
  error: unknown,
  session: Session,
  { number, committing }: Attempt,
  lost: number,
): boolean {
  const keyed = session.replyKey !== undefined;
  if (conflicts.has(sqlState(error) ?? '') || isStalePlan(error)) return number < maxAttempts;
  if (isHeldUp(error)) return number < maxAttempts && !(committing && keyed);
  return isConnectionError(error) && lost === 1 && (!committing || keyed || isReadOnly(error));
}
