/**
 * A moment, written as RFC 3339 in UTC with exactly three fraction digits: `2025-01-15T10:30:00.000Z`.
 * Always 24 characters, years 0001 to 9999, so the order of the texts is the order of the moments.
 */
export type Timestamp = string;

const hour = 3_600_000;

// RFC 3339 §5.6 `date-time`, whose T and Z may be lower case. The blank that a note there allows is not taken.
const dateTime = /^(\d{4})-(\d\d)-(\d\d)t(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:z|([+-])(\d\d):(\d\d))$/i;

/** The moment of a date, which has to lie in the years 0001 to 9999. */
export const timestamp = (date: Date): Timestamp => date.toISOString();

/**
 * Reads an RFC 3339 date-time with any offset and any number of fraction digits; what is finer than a millisecond
 * is cut off. Undefined for anything else: a date alone, a day no calendar has, hour 24, second 60 (neither a
 * `Date` nor PostgreSQL keeps leap seconds), an offset beyond 23:59, or a moment outside the years 0001 to 9999.
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  if (isCanonical(text)) return text;
  const parts = dateTime.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hours, minutes, seconds] = parts.slice(1, 7).map(Number) as Six;
  const [fraction = '', sign] = parts.slice(7, 9);
  const [offsetHours, offsetMinutes] = parts.slice(9).map((part?: string) => Number(part ?? 0)) as Two;
  if (hours > 23 || minutes > 59 || seconds > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hours, minutes, seconds, Number(fraction.slice(0, 3).padEnd(3, '0')));
  const offset = (sign === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes);
  date.setUTCMinutes(minutes - offset);
  return date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999 ? timestamp(date) : undefined;
}

const canonicalLength = 24;
const canonical = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** Most times are written already as they are kept, on a day that every month has; the others are read to see. */
const isCanonical = (text: string): boolean =>
  text.length === canonicalLength && canonical.test(text) && !text.startsWith('0000');

type Two = [number, number];
type Six = [...Two, ...Two, ...Two];

/** The moment so many milliseconds later, or earlier when negative. */
export const laterBy = (t: Timestamp, ms: number): Timestamp => timestamp(new Date(Date.parse(t) + ms));

/** The moment so many hours later, or earlier when negative, to the nearest millisecond. */
export const plusHours = (t: Timestamp, hours: number): Timestamp => laterBy(t, Math.round(hours * hour));

/** Hours from one moment to another with their fraction; negative when `to` is the earlier one. */
export const hoursBetween = (from: Timestamp, to: Timestamp): number =>
  (Date.parse(to) - Date.parse(from)) / hour;
