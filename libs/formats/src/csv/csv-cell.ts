/** Before the first record: spreadsheets read a file as UTF-8 only where it begins with this mark. */
export const byteOrderMark = '\ufeff';

/** One record of RFC 4180: commas between the cells; one that holds a separator, a quote or a line break is quoted. */
export const csvRecord = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\r\n`;

const quoted = (cell: string): string =>
  /[",;|\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** What ends a cell, in some spreadsheet and some language: behind each of these another cell may begin. */
const separator = /[,;|\t\r\n]/;
const sign = /[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/;
/** A spreadsheet looks for a formula behind blanks, quotes and characters that cannot be seen. */
const passedOver = /['"\s\p{C}]/u;
const plainNumber = /^[+-]?[0-9]+(\.[0-9]+)?$/;
const leadingBreak = /^'*[\t\r\n]/;

/**
 * A text as a cell that no spreadsheet runs: an apostrophe goes before each place that could begin a cell with a formula.
 * Every separator begins one, since a file is also opened where another separator is the usual one.
 */
export function neutralCell(text: string): string {
  if (!sign.test(text) && !leadingBreak.test(text)) return text;
  return plainNumber.test(text) ? text : rewriteCellStarts(text, (rest, runs) => (runs ? `'${rest}` : rest));
}

/** The text that `neutralCell` made this cell of. */
export function originalText(cell: string): string {
  if (!cell.includes("'")) return cell;
  const text = rewriteCellStarts(cell, (rest, _runs, behind) =>
    rest.startsWith("'") && behind ? rest.slice(1) : rest,
  );
  // `neutralCell` leaves a number as it is, so these apostrophes are not its own.
  return plainNumber.test(text) ? cell : text;
}

/**
 * Rewrites a text from its end, at each place where a cell may begin. `runs`: what follows begins a formula; `behind`:
 * the same of what follows the first character. One pass, since a cell may have a million blanks.
 */
function rewriteCellStarts(
  text: string,
  rewrite: (rest: string, runs: boolean, behind: boolean) => string,
): string {
  const parts: string[] = [];
  let end = text.length;
  let [runs, behind] = [false, false];
  for (let at = text.length - 1; at >= 0; at--) {
    const character = text.charAt(at);
    behind = runs;
    runs = sign.test(character) || (runs && passedOver.test(character));
    if (at > 0 && !separator.test(text.charAt(at - 1))) continue;
    const starts = at === 0 && leadingBreak.test(text);
    const breaks = at === 0 && leadingBreak.test(text.slice(1));
    parts.push(rewrite(text.slice(at, end), runs || starts, behind || (text.startsWith("'") && breaks)));
    end = at;
  }
  return parts.reverse().join('');
}
