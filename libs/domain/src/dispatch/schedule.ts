import { laterBy, type Timestamp } from '../value/timestamp';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * The delay before each attempt, in milliseconds: ten attempts over about 75.6 hours, then the dispatch is given up. The
 * example schedule of the Standard Webhooks specification.
 */
export const attemptDelaysMs: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** When the next attempt is due; undefined after the last. Jitter adds up to a tenth of the delay. */
export function nextAttemptAt(id: string, made: number, now: Timestamp): Timestamp | undefined {
  const delay = attemptDelaysMs[made];
  return delay === undefined ? undefined : laterBy(now, delay * (1 + jitter(id, made) / 10));
}

/** From 0 to 1, the same for the same attempt: the last digits of a UUIDv7 are random. */
function jitter(id: string, made: number): number {
  const digits = Number.parseInt(id.replaceAll('-', '').slice(-6), 16);
  return ((digits + made * 7_368_787) % 1000) / 1000;
}
