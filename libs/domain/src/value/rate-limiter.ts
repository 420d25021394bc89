import { takeTokens, type RateLimit, type TokenBucket } from './token-bucket';

/** One of the limits that a request counts for: `key` tells whose it is. */
export type NamedLimit = RateLimit & Readonly<{ name: string; key: string }>;

/** What is left of a limit: whole requests, and milliseconds until it is full again. */
export type LimitLeft = Readonly<{ name: string; left: number; resetMs: number }>;

/** `refusedBy`: the limit that was used up, and `waitMs` until it has room again; nothing was taken of any then. */
export type Limited = Readonly<{ lefts: readonly LimitLeft[]; refusedBy?: string; waitMs: number }>;

const sweepEveryMs = 60_000;

/**
 * Rate limiter over token buckets in memory. Each of several processes gives out its share, so none has to ask for a
 * request; the caller says how many there are.
 */
export class RateLimiter {
  private readonly buckets = new Map<string, TokenBucket & Readonly<{ seconds: number }>>();
  private sweptAtMs = 0;

  /** Takes one request of each limit, or of none. `nowMs` is of a monotonic clock. */
  take(limits: readonly NamedLimit[], nowMs: number, processes = 1): Limited {
    this.sweep(nowMs);
    const share = 1 / processes;
    const taken = limits.map((limit) => ({
      limit,
      ...takeTokens(this.buckets.get(`${limit.name} ${limit.key}`), limit, nowMs, { share }),
    }));
    const refusing = taken.filter(({ waitMs }) => waitMs > 0).sort((a, b) => b.waitMs - a.waitMs)[0];
    if (!refusing)
      for (const { limit, bucket } of taken)
        this.buckets.set(`${limit.name} ${limit.key}`, { ...bucket, seconds: limit.seconds });
    return {
      lefts: taken.map(({ limit: { name }, bucket, resetMs }) => ({
        name,
        left: Math.floor(bucket.tokens * processes),
        resetMs,
      })),
      ...(refusing && { refusedBy: refusing.limit.name }),
      waitMs: refusing?.waitMs ?? 0,
    };
  }

  /** A bucket that was not asked for as long as it takes to fill is full, and is as good as none. */
  private sweep(nowMs: number): void {
    if (nowMs - this.sweptAtMs < sweepEveryMs) return;
    this.sweptAtMs = nowMs;
    for (const [key, { atMs, seconds }] of this.buckets)
      if (nowMs - atMs > seconds * 1000) this.buckets.delete(key);
  }
}
