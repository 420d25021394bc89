const longestMs = 24 * 3_600_000;

/** What a `Retry-After` header asks for, at most a day; undefined when there is none or it cannot be parsed. */
export function retryAfterMs(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestMs);
  const until = httpDate.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(until) ? undefined : Math.min(Math.max(until - nowMs, 0), longestMs);
}

/** The one form that may still be sent; `Date.parse` alone would take nearly anything. */
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
