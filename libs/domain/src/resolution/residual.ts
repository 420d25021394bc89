import { minorDigits } from '../value/currency';
import { fromMinorUnits, minorUnits, type Money } from '../value/money';

/**
 * An amount less its counterparts, in one currency; negative when they are more. `tolerance` is the residual of either
 * sign that needs no acceptance.
 */
export type Residual = Money & Readonly<{ tolerance: string }>;

/** Currency → a plain decimal that is not negative; `*` stands for all others. The default is 0. */
export type ResidualTolerance = Readonly<Record<string, string>>;

/**
 * One for the currency of the amount, and one for each other currency that a counterpart has: nothing is converted, so
 * nothing depends on a rate. Without an amount there is nothing to compare, and so none.
 */
export function residualsOf(
  amount: Money | undefined,
  counterparts: readonly Money[],
  tolerance: ResidualTolerance,
): readonly Residual[] {
  if (!amount) return [];
  const left = new Map([[amount.currency, minorUnits(amount)]]);
  for (const counterpart of counterparts) {
    const { currency } = counterpart;
    left.set(currency, (left.get(currency) ?? 0n) - minorUnits(counterpart));
  }
  return [...left].map(([currency, minor]) => ({
    ...fromMinorUnits(minor, currency),
    tolerance: toleranceIn(currency, tolerance),
  }));
}

export function isBeyondTolerance({ amount, currency, tolerance }: Residual): boolean {
  const minor = minorUnits({ amount, currency });
  return (minor < 0n ? -minor : minor) > minorUnits({ amount: tolerance, currency });
}

/** In whole minor units: no residual lies between those, so digits beyond them make no difference. */
function toleranceIn(currency: string, tolerance: ResidualTolerance): string {
  const [whole = '', fraction = ''] = (tolerance[currency] ?? tolerance['*'] ?? '0').split('.');
  const digits = minorDigits(currency) ?? 2;
  const minor = BigInt(whole + fraction.padEnd(digits, '0').slice(0, digits));
  return fromMinorUnits(minor, currency).amount;
}
