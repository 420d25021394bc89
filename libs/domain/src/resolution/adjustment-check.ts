import type { Refusal } from '../refusal';
import { minorUnits, money, type Money } from '../value/money';

/** How an adjustment is compared with the amount of its exception. */
export type AdjustmentCheck = Readonly<{
  /** One that does not fit is refused, or made with a warning; `off`: nothing is compared. */
  mode: 'refuse' | 'warn' | 'off';
  /** The most that an adjustment may be, in percent of the largest amount that the exception names. */
  maxPercent: number;
}>;

/** What an adjustment is compared with: the amount of an exception, and the two sides of a difference in it. */
type Compared = Readonly<{
  amount?: Money;
  differences?: readonly Readonly<{ field: string; expected?: string; actual?: string }>[];
}>;

/**
 * Sanity check: an adjustment is in the currency of its exception and not larger than that accounts for. An exception
 * without an amount gives nothing to compare with; one of zero only its currency.
 */
export function unfitAdjustment(
  exception: Compared,
  adjustment: Money,
  { maxPercent }: AdjustmentCheck,
): Refusal | undefined {
  const largest = largestAmount(exception);
  if (!largest) return undefined;
  const { amount: exceptionAmount, currency: exceptionCurrency } = largest;
  const most = minorUnits(largest) * BigInt(maxPercent);
  const fits = most === 0n || minorUnits(adjustment) * 100n <= most;
  if (adjustment.currency === exceptionCurrency && fits) return undefined;
  const facts = { exceptionAmount, exceptionCurrency, maxPercent };
  return { code: 'adjustment_does_not_fit', ...adjustment, ...facts };
}

/** Without its sign. A transaction of 20 where 500 was expected is a break of up to 500. */
function largestAmount({ amount, differences = [] }: Compared): Money | undefined {
  if (!amount) return undefined;
  const sides = differences
    .filter(({ field }) => field.trim().toLowerCase() === 'amount')
    .flatMap(({ expected = '', actual = '' }) => [expected, actual]);
  const amounts = sides.flatMap((side) => {
    const read = money(side.trim(), amount.currency);
    return read.ok ? [read.value] : [];
  });
  return [amount, ...amounts].map(unsigned).reduce((a, b) => (minorUnits(b) > minorUnits(a) ? b : a));
}

const unsigned = ({ amount, currency }: Money): Money => ({ amount: amount.replace('-', ''), currency });
