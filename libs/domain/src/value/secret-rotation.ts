import { laterBy, type Timestamp } from './timestamp';

/** A secret that was replaced. It stays valid until this time (exclusive), so that the other side can be updated. */
export type ReplacedSecret = Readonly<{ secret: string; until: Timestamp }>;

/** How long a replaced secret stays valid. */
const overlapMs = 24 * 3_600_000;

/** The secret that a new one replaces at `now`; it is valid for 24 hours more. */
export const replacedSecret = (secret: string, now: Timestamp): ReplacedSecret => ({
  secret,
  until: laterBy(now, overlapMs),
});

/** The secrets that are valid at `now`, the current one first. */
export const validSecrets = (
  current: string,
  previous: ReplacedSecret | undefined,
  now: Timestamp,
): readonly string[] =>
  // Timestamps have one length and are in UTC, so their texts sort as they do.
  previous && now < previous.until ? [current, previous.secret] : [current];
