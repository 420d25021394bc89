/** Blanks and apostrophes that some languages put between groups of three digits. */
const groupMarks = /(?<=\d)[ \u00a0\u2009\u202f'\u2019](?=\d{3}(?!\d))/g;
const exponent = /^[+-]?\d+([.,]\d+)?e[+-]?\d+$/i;
/** One mark before three digits: it may stand between groups, or before a fraction. */
const eitherWay = /^-?[1-9]\d{0,2}[.,]\d{3}$/;

/** In a file with commas between its cells it is as likely a slip as a decimal comma. */
const decimalComma = /^-?\d+(\.\d{3})*,\d+$/;

/** What a mark is, by the form of the amount: the text in which the groups are removed and the fraction has a point. */
const forms: readonly (readonly [form: RegExp, plain: (text: string) => string])[] = [
  [/^-?\d+,\d+$/, (text) => text.replace(',', '.')],
  [/^-?\d{1,3}(\.\d{3})+,\d+$/, (text) => text.replaceAll('.', '').replace(',', '.')],
  [/^-?\d{1,3}((,\d{3}){2,}|(,\d{3})+\.\d+)$/, (text) => text.replaceAll(',', '')],
  [/^-?\d{1,3}(\.\d{3}){2,}$/, (text) => text.replaceAll('.', '')],
];

/**
 * The amount in a cell of a CSV file, as `money` reads it. A comma before the fraction, and marks between groups of
 * digits, are understood where they can mean one thing only. Refused are exponents, in which spreadsheets drop digits.
 * `separator`: that of the file. Where it is a semicolon, the comma is in the numbers, and `1.234` may be a thousand.
 */
export function readAmountCell(
  cell: string,
  separator: ',' | ';' | '\t',
): Readonly<{ amount: string } | { problem: string }> {
  const text = cell
    .trim()
    .replace(/^\u2212/, '-')
    .replace(groupMarks, '');
  if (exponent.test(text))
    return { problem: 'must have all its digits: spreadsheets drop some where they write an exponent' };
  if (eitherWay.test(text) && (separator === ';' || text.includes(','))) {
    const [whole, fraction] = [text.replace(/[.,]/, ''), `${text}0`];
    return { problem: `must mean one thing: write ${whole} or ${fraction}, since ${text} may be either` };
  }
  if (separator === ',' && decimalComma.test(text))
    return { problem: 'must have a point before its fraction: this file has commas between its cells' };
  const plain = forms.find(([form]) => form.test(text))?.[1];
  return { amount: plain ? plain(text) : text };
}
