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
  plain(text, max, (clean) => clean.replace(/\n{3,}/g, '\n\n'));

/** The same in one line. */
export const plainLine = (text: string, max: number): string =>
  plain(text, max, (clean) => clean.replace(/\s+/g, ' '));

/** Of a text that is far too long no more than this is cleaned, since that takes several passes over it. */
const reach = (max: number): number => 4 * max + 1000;

/** Ends with an ellipsis where something was cut off; never within a surrogate pair. */
function plain(text: string, max: number, joined: (clean: string) => string): string {
  const isCut = text.length > reach(max);
  const clean = joined(shown(isCut ? whole(text.slice(0, reach(max))) : text)).trim();
  if (clean === '' || (!isCut && clean.length <= max)) return clean;
  return max < 1 ? '' : `${whole(clean.slice(0, max - 1))}…`;
}

/** Without the first half of a surrogate pair whose second half was cut off. */
const whole = (text: string): string => text.replace(/[\ud800-\udbff]$/, '');
