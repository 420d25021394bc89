/**
 * The text as any system can take and show it: no control characters but line breaks, which are all `\n`, no halves
 * of surrogate pairs, and nothing that turns the direction of what follows, so that no amount reads backwards.
 */
const shown = (text: string): string =>
  text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/\t/g, ' ')
    .replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');

/** Several lines, without blank ones at either end, of at most `max` UTF-16 units, which is how most systems count. */
export const plainText = (text: string, max: number): string =>
  ended(
    shown(text)
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    max,
  );

/** The same in one line. */
export const plainLine = (text: string, max: number): string =>
  ended(shown(text).replace(/\s+/g, ' ').trim(), max);

/** Ends with an ellipsis where something was cut off; never within a surrogate pair. */
function ended(text: string, max: number): string {
  if (text.length <= max) return text;
  return max < 1 ? '' : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
