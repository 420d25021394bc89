import { minorDigits } from './currency';
import { ok, refuse, type Result } from '../result';

/**
 * An exact amount. `amount` is a plain decimal with exactly the fraction digits of the currency: `150.50` BRL,
 * `12` JPY, `0.001` BHD, `-3.20` EUR; zero has no sign. Made by `money` or `fromMinorUnits`, never by hand.
 */
export type Money = Readonly<{ amount: string; currency: string }>;

/** The most digits an amount may have before the decimal point. */
export const maxIntegerDigits = 20;

// The grammar of a number in JSON, RFC 8259 §6.
const jsonNumber = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/**
 * Reads an amount from its text, which is a number as JSON writes it, exponent included; no float is involved, and
 * an exponent costs nothing however large. Zeros beyond the fraction digits of the currency are dropped: `1.500` BRL
 * is 1.50. Refuses with `invalid_value`, `unknown_currency`, `amount_out_of_range` or `amount_precision`, in that
 * order for the currency and then for the amount. Any sign is fine: see `isPositive`.
 *
 * @param field what refusals call the amount; the currency is always called `currency`
 */
export function money(lexeme: string, currency: string, field = 'amount'): Result<Money> {
  if (!/^[A-Z]{3}$/.test(currency)) {
    return refuse({
      code: 'invalid_value',
      field: 'currency',
      problem: 'must be an ISO 4217 code of three capital letters such as EUR',
    });
  }
  const allowed = minorDigits(currency);
  if (allowed === undefined) return refuse({ code: 'unknown_currency', field: 'currency', currency });

  const parts = jsonNumber.exec(lexeme);
  if (!parts) {
    return refuse({
      code: 'invalid_value',
      field,
      problem: 'must be a decimal such as 1234.50, without plus sign, leading zeros, separators or blanks',
    });
  }
  const [, sign, integer = '', fraction = '', exponent = '0'] = parts;
  const digits = integer + fraction;
  const first = digits.search(/[1-9]/);
  if (first < 0) return ok(fromMinorUnits(0n, currency));

  // Where the decimal point and the last allowed digit fall in `digits`; infinite for an absurd exponent.
  const point = integer.length + Number(exponent);
  const end = point + allowed;
  if (point - first > maxIntegerDigits) {
    return refuse({ code: 'amount_out_of_range', field, integerDigits: maxIntegerDigits });
  }
  if (/[1-9]/.test(digits.slice(Math.max(end, 0)))) {
    return refuse({ code: 'amount_precision', field, currency, allowed });
  }
  const minor = BigInt(digits.slice(first, end).padEnd(end - first, '0'));
  return ok(fromMinorUnits(sign ? -minor : minor, currency));
}

/** The amount in the smallest unit of its currency: 15050n for 150.50 BRL, 12n for 12 JPY. */
export const minorUnits = ({ amount }: Money): bigint => BigInt(amount.replace('.', ''));

/**
 * The inverse of `minorUnits`, of any size. The currency has to be one of `currencies()`; one that has been
 * withdrawn since the amount was kept counts as having two fraction digits, as every one withdrawn since 2018 had.
 */
export function fromMinorUnits(minor: bigint, currency: string): Money {
  const fractionDigits = minorDigits(currency) ?? 2;
  const digits = String(minor < 0n ? -minor : minor).padStart(fractionDigits + 1, '0');
  const point = digits.length - fractionDigits;
  const plain = fractionDigits ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits;
  return { amount: minor < 0n ? `-${plain}` : plain, currency };
}

export const isPositive = (m: Money): boolean => minorUnits(m) > 0n;

/**
 * Whether the amount, its sign aside, reaches a threshold given as a whole number of major units: 1000 means
 * 1000 euros as well as 1000 yen. Exact.
 */
export const isAtLeast = (m: Money, majorUnits: number): boolean =>
  BigInt(m.amount.replace(/^-|\..*$/g, '')) >= majorUnits;
