import fc from 'fast-check';
import { currencies, minorDigits } from '../value/currency';
import { fromMinorUnits } from '../value/money';
import { isBeyondTolerance, residualsOf } from './residual';

const money = (amount: string, currency = 'EUR') => ({ amount, currency });

describe('what counterparts leave', () => {
  it('is nothing that could be said where there is no amount', () => {
    expect(residualsOf(undefined, [money('1.00')], {})).toEqual([]);
  });

  it('is told for the currency of the amount first, then for others as they come', () => {
    const counterparts = [money('0.10'), money('5', 'JPY'), money('-0.20'), money('0.001', 'BHD')];
    expect(residualsOf(money('0.30'), counterparts, {})).toEqual([
      { amount: '0.40', currency: 'EUR', tolerance: '0.00' },
      { amount: '-5', currency: 'JPY', tolerance: '0' },
      { amount: '-0.001', currency: 'BHD', tolerance: '0.000' },
    ]);
  });

  it('is exact in every currency, whatever the sizes and signs', () => {
    const minor = fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n });
    const currency = fc.constantFrom(...currencies());
    const counterpart = fc.record({ minor, currency });
    fc.assert(
      fc.property(minor, currency, fc.array(counterpart, { maxLength: 50 }), (amount, own, counterparts) => {
        const left = new Map([[own, amount]]);
        for (const one of counterparts) left.set(one.currency, (left.get(one.currency) ?? 0n) - one.minor);
        const given = counterparts.map((one) => money(written(one.minor, one.currency), one.currency));
        const residuals = residualsOf(money(written(amount, own), own), given, {});
        expect(residuals.map((r) => [r.currency, r.amount])).toEqual(
          [...left].map(([code, units]) => [code, written(units, code)]),
        );
      }),
    );
  });

  it('is beyond what is tolerated from the first minor unit more, either way', () => {
    const units = fc.bigInt({ min: 0n, max: 10n ** 9n });
    const currency = fc.constantFrom(...currencies());
    fc.assert(
      fc.property(units, units, fc.boolean(), currency, fc.boolean(), (of, least, less, code, byName) => {
        const tolerance = { [byName ? code : '*']: written(least, code) };
        const [residual] = residualsOf(fromMinorUnits(less ? -of : of, code), [], tolerance);
        expect(residual && isBeyondTolerance(residual)).toBe(of > least);
      }),
    );
  });

  it.each([
    [{ EUR: '0.05', '*': '1' }, '0.05'],
    [{ USD: '0.05', '*': '1' }, '1.00'],
    [{ '*': '0.059' }, '0.05'],
    [{ USD: '0.05' }, '0.00'],
    [{}, '0.00'],
  ])('is tolerated by %j up to %s EUR', (tolerance, most) => {
    expect(residualsOf(money('1.00'), [], tolerance)).toEqual([{ ...money('1.00'), tolerance: most }]);
  });
});

/** By hand, so that nothing is compared with itself. */
function written(units: bigint, currency: string): string {
  const digits = minorDigits(currency) ?? 0;
  const scale = 10n ** BigInt(digits);
  const size = units < 0n ? -units : units;
  const fraction = digits ? `.${String(size % scale).padStart(digits, '0')}` : '';
  return `${units < 0n ? '-' : ''}${size / scale}${fraction}`;
}
