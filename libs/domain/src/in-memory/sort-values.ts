/** A decimal text as a whole number of its `digits`-th fraction digits; further digits are cut off. */
function scaled(decimal: string, digits: number): bigint {
  const isNegative = decimal.startsWith('-');
  const [whole = '0', fraction = ''] = decimal.replace(/^[-+]/, '').split('.');
  const units = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  return isNegative ? -units : units;
}

/** Compares decimal texts exactly. */
export function compareDecimals(a: string, b: string): number {
  const digits = Math.max(...[a, b].map((text) => text.split('.')[1]?.length ?? 0));
  const [x, y] = [scaled(a, digits), scaled(b, digits)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Amounts have at most 20 integer and 4 fraction digits. */
const fractionDigits = 4;
const offset = 3n * 10n ** 24n;

/** An amount as a text that sorts as the amount does; no amount comes before all amounts. */
export const sortableAmount = (amount: string | undefined): string =>
  amount === undefined ? '' : String(scaled(amount, fractionDigits) + offset);

/** Compares texts by code point, which is the order of their UTF-8 bytes. */
export function compareCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
