import type { HistoryEvent } from '../change';
import type { HistoryLine } from '../ports/reads';

/** Each event with its place in the hash chain of its exception. */
export function chained(
  events: readonly HistoryEvent[],
  hash: (text: string) => string,
): readonly HistoryLine[] {
  let prevHash = '0'.repeat(64);
  return events.map((event, i) => {
    const line = { seq: i + 1, event, prevHash, hash: hash(prevHash + JSON.stringify(event)) };
    prevHash = line.hash;
    return line;
  });
}
