import { laterBy, type Timestamp } from '@redress/domain';

/** A secret whose place another has taken; it holds a while longer. */
export type FormerSecret = Readonly<{ secret: string; until: Timestamp }>;

/** How long it does, so that the other side can be told of the new one. */
const overlapMs = 24 * 3_600_000;

/** Of a secret that another takes the place of now. */
export const former = (secret: string, now: Timestamp): FormerSecret => ({
  secret,
  until: laterBy(now, overlapMs),
});

/** The secrets that hold at a time; times are all RFC 3339 in UTC, whose texts sort like them. */
export const holding = (
  current: string,
  previous: FormerSecret | undefined,
  now: Timestamp,
): readonly string[] => (previous && now < previous.until ? [current, previous.secret] : [current]);
