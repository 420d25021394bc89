/** One record of RFC 4180: commas between the cells, those in quotes that hold a comma, a quote or a line break. */
export const csvRecord = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\r\n`;

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

const plainNumber = /^[+-]?[0-9]+(\.[0-9]+)?$/;
/** Also behind blanks and what cannot be seen, and in the wide letters of East Asian texts. */
const formula = /^'*[\t\r\n]|^['\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u;
const runs = (text: string): boolean => formula.test(text) && !plainNumber.test(text);

/** A text as a cell that no spreadsheet runs: an apostrophe goes before what it might take for a formula. */
export const neutral = (text: string): string => (runs(text) ? `'${text}` : text);

/** The text that `neutral` made this cell of. Apostrophes count as part of a formula, so that none is taken for ours. */
export const original = (cell: string): string =>
  cell.startsWith("'") && runs(cell.slice(1)) ? cell.slice(1) : cell;
