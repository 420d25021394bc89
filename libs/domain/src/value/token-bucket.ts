/** A rate limit: `perSecond` on average, and as much at once as `seconds` of it. */
export type RateLimit = Readonly<{ perSecond: number; seconds: number }>;

/** What is left of a limit, and when that was, in milliseconds of a monotonic clock. */
export type TokenBucket = Readonly<{ tokens: number; atMs: number }>;

/** `resetMs`: until the bucket is full again; `waitMs`: until what was asked for is there, 0 when it was taken. */
export type Taken = Readonly<{ bucket: TokenBucket; waitMs: number; resetMs: number }>;

/**
 * Token bucket: takes `cost` from what is left, unless that is less. Without a bucket it is full. `share` is the part of
 * the limit that this caller may give out: of several processes, each gives out its part.
 */
export function takeTokens(
  before: TokenBucket | undefined,
  { perSecond, seconds }: RateLimit,
  atMs: number,
  { cost = 1, share = 1 }: Readonly<{ cost?: number; share?: number }> = {},
): Taken {
  const perMs = (perSecond * share) / 1000;
  // A part of a small limit is still one request.
  const most = Math.max(1, perSecond * seconds * share);
  const refilled = before ? Math.min(most, before.tokens + Math.max(0, atMs - before.atMs) * perMs) : most;
  const isThere = refilled >= cost;
  const tokens = isThere ? refilled - cost : refilled;
  return {
    bucket: { tokens, atMs },
    waitMs: isThere ? 0 : Math.ceil((cost - refilled) / perMs),
    resetMs: Math.ceil((most - tokens) / perMs),
  };
}
