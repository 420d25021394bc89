import { takeTokens, type TokenBucket } from './token-bucket';

const limit = { perSecond: 10, seconds: 3 };

/** Takes as often as asked, at these times; how many were given. */
function given(times: readonly number[], share = 1): number {
  let bucket: TokenBucket | undefined;
  let count = 0;
  for (const at of times) {
    const taken = takeTokens(bucket, limit, at, { share });
    ({ bucket } = taken);
    if (taken.waitMs === 0) count++;
  }
  return count;
}
const times = (count: number, everyMs: number) => Array.from({ length: count }, (_, i) => i * everyMs);

describe('a token bucket', () => {
  it('gives as much at once as its seconds have, and then at its rate', () => {
    expect(given(times(100, 0))).toBe(30);
    expect(given(times(1000, 10))).toBe(30 + 99);
    expect(given(times(50, 100))).toBe(50);
  });

  it('gives out its share of the limit, and one at least', () => {
    expect(given(times(100, 0), 1 / 3)).toBe(10);
    expect(given(times(100, 0), 1 / 1000)).toBe(1);
  });

  it('says how long to wait, and what was asked for is there then and not before', () => {
    const { bucket } = takeTokens(undefined, limit, 0, { cost: 30 });
    const refused = takeTokens(bucket, limit, 0, { cost: 5 });
    expect([refused.waitMs, refused.resetMs]).toEqual([500, 3000]);
    expect(takeTokens(refused.bucket, limit, 499, { cost: 5 }).waitMs).toBeGreaterThan(0);
    expect(takeTokens(refused.bucket, limit, 500, { cost: 5 }).waitMs).toBe(0);
  });

  it('gives nothing for a clock that stands still or steps back', () => {
    const { bucket } = takeTokens(undefined, limit, 1000, { cost: 30 });
    expect(takeTokens(bucket, limit, 1000).waitMs).toBe(100);
    expect(takeTokens(bucket, limit, 0).waitMs).toBe(100);
  });
});
