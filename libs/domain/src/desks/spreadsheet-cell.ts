/*
 * Spreadsheets rewrite what they open: `00042` becomes 42, `1E5` 100000, `3-4` a date, and a text in another encoding
 * loses its letters. What they make of a cell depends on program and language, so this is an estimate. It decides only
 * whether a line is refused; no value is taken from it.
 */

/** A text without what programs change on the way: the form of letters, line breaks, blanks at its ends. */
const plain = (text: string): string => text.normalize('NFC').replace(/\r\n?/g, '\n').trim();

/** Whether two cells hold the same text, but for what every program may change. */
export const sameText = (a: string, b: string): boolean => plain(a) === plain(b);

/** Whether `cell` may be what a spreadsheet made of `text`. */
export function mayBeRewriting(text: string, cell: string): boolean {
  if (sameText(text, cell)) return true;
  const [from, to] = [plain(text), plain(cell)];
  if (from === '' || to === '') return false;
  return sameLetters(from, to) || sameNumber(from, to) || sameBoolean(from, to) || sameDate(from, to);
}

/** In another encoding each letter beyond ASCII is other letters beyond ASCII, or a question mark. */
function sameLetters(from: string, to: string): boolean {
  const ascii = (text: string) => text.replace(/[^\x20-\x7e]|\?/g, '');
  return /[^\x00-\x7f]/.test(from) && /[^\x00-\x7f?]|\?/.test(to) && ascii(from) === ascii(to);
}

const numeric = /^[+-]?(?=[.,]?\d)[\d.,' \u00a0\u202f\u2019]*(e[+-]?\d+)?$/i;

/** The values of a number, whichever of its marks stands before the fraction. As floats: they are estimates. */
function valuesOf(text: string): readonly number[] {
  const signed = text.replace(/^\u2212/, '-');
  if (!numeric.test(signed)) return [];
  const bare = signed.replace(/[' \u00a0\u202f\u2019]/g, '');
  const read = (group: string, point: string) => Number(bare.replaceAll(group, '').replace(point, '.'));
  return [read(',', '.'), read('.', ',')].filter((value) => !Number.isNaN(value));
}

/** Spreadsheets keep 15 digits, and write fewer where they write an exponent. */
function sameNumber(from: string, to: string): boolean {
  const [mantissa = '', exponent] = to.split(/e/i);
  const digits = exponent === undefined ? 14 : mantissa.replace(/\D/g, '').length - 1;
  const wanted = valuesOf(from);
  return valuesOf(to).some((value) =>
    wanted.some((one) => Math.abs(one - value) <= Math.abs(one) * 10 ** -digits),
  );
}

const booleans = /^(true|false|wahr|falsch|verdadeiro|falso|vrai|faux|verdadero|vero)$/i;
const sameBoolean = (from: string, to: string): boolean => booleans.test(from) && booleans.test(to);

const timestamp = /^(\d{4})-(\d\d)-(\d\d)T/;
const numbersIn = (text: string): readonly number[] => (text.match(/\d+/g) ?? []).map(Number);
const wordsIn = (text: string): readonly string[] => text.match(/\p{L}+/gu) ?? [];

/** A date has one to six numbers, and two words at most: a month, and which half of the day. */
const dateLike = (text: string): boolean =>
  numbersIn(text).length > 0 && numbersIn(text).length <= 7 && wordsIn(text).length <= 2 && text.length <= 40;

/** Spreadsheets count days from the end of 1899, and write that number where a cell has no format. */
const epoch = Date.UTC(1899, 11, 30);
const dayMs = 86_400_000;

function sameDate(from: string, to: string): boolean {
  if (!dateLike(from) || !dateLike(to)) return false;
  const [days] = valuesOf(to);
  const [moment, year = 0, month = 0, day = 0] = timestamp.exec(from)?.map(Number) ?? [];
  if (moment === undefined) {
    // Such as 3-4 or 12.50: the parts of a date are what was there, in another order and with a year, or a number of days.
    const parts = numbersIn(from);
    const isSame = numbersIn(to).some((number) => parts.includes(number % 100) || parts.includes(number));
    const isCount = days !== undefined && (valuesOf(from).length === 0 || (days > 1e4 && days < 1e5));
    return isShortDate(from) && (isCount || (isDate(to) && isSame));
  }
  if (days !== undefined) return Math.abs(epoch + days * dayMs - Date.UTC(year, month - 1, day)) < 2 * dayMs;
  const seen = numbersIn(to);
  const hasMonthIn = seen.includes(month) || wordsIn(to).some((word) => word.length > 2);
  return (seen.includes(year) || seen.includes(year % 100)) && hasMonthIn && seen.includes(day);
}

const isShortDate = (text: string): boolean =>
  /^(\d{1,2}[-/.:]\d{1,4}|\d{4}[-/.]\d{1,2})([-/.:]\d{1,4})?$/.test(text) ||
  (/^[\p{L}\d .-]{3,20}$/u.test(text) && hasMonth(text));

const months =
  /(^|[^\p{L}])(jan|feb|fev|fév|mar|mär|mrz|apr|abr|avr|ma[iy]|jun|jul|jui|aug|ago|ao[uû]|sep|set|okt|oct|out|nov|de[cz]|déc)\p{L}{0,6}\.?($|[^\p{L}])/iu;
const hasMonth = (text: string): boolean => months.test(text) && /\d/.test(text);

/** Whether the whole of a text is a date or a time of day, as spreadsheets write them. */
const isDate = (text: string): boolean =>
  /^\d{1,4}([-/.]\d{1,2}){1,2}([-/.]\d{1,4})?([ T]\d.*)?$/.test(text) ||
  /^\d{1,2}(:\d\d){1,2}( ?[AP]M)?$/i.test(text) ||
  (/^[\p{L}\d .,/-]{4,20}$/u.test(text) && wordsIn(text).length === 1 && hasMonth(text));

const exponentForm = /^[+-]?\d+([.,]\d+)?e[+-]?\d+$/i;
const errorValue = /^#(#+|N\/A|NV|N\/D|[\p{Lu}\d/]+[!?])$/u;

/** Characters of windows-1252 that are not those of Unicode with the same number, from 0x80 on. */
const specials = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const utf8Letters =
  /^(?:[\x00-\x7f]|[\xc2-\xc5\xce-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*$/;

/** Whether a text was UTF-8 that was read as windows-1252: as bytes of the one it is letters of the other. */
function isMisread(text: string): boolean {
  if (text.includes('\ufffd')) return true;
  const bytes = text.replace(/[^\x00-\xff]/g, (one) => {
    const at = specials.indexOf(one);
    return at < 0 ? '\xff' : String.fromCharCode(0x80 + at);
  });
  return /[\x80-\xff]/.test(bytes) && utf8Letters.test(bytes);
}

/** What a spreadsheet has done to a text that is typed or kept in it, as the rest of a sentence; undefined for nothing. */
export function rewritingOf(cell: string, isProse = false): string | undefined {
  const text = cell.trim();
  if (isMisread(text)) return 'was read in another encoding; open the file as UTF-8';
  if (errorValue.test(text)) return 'is an error of the spreadsheet';
  if (exponentForm.test(text)) return 'was made a number with an exponent; format the column as text';
  if (!isProse && isDate(text)) return 'was made a date or a time; format the column as text';
  return undefined;
}
