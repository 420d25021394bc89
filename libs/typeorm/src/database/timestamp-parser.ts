/** As PostgreSQL writes a moment while the time zone of the session is UTC: zeros at the end of it are left out. */
const inUtc = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?\+00$/;
const secondsEnd = '2025-01-15 10:30:00'.length;

/** The text of a `timestamptz` as a timestamp of the domain. Copied, since making a Date of it takes ten times as long. */
export function momentOf(text: string): string {
  if (!inUtc.test(text)) return new Date(text).toISOString();
  const fraction = text.slice(secondsEnd + 1, -'+00'.length);
  return `${text.slice(0, 10)}T${text.slice(11, secondsEnd)}.${fraction.padEnd(3, '0')}Z`;
}
