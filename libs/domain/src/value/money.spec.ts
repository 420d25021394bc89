import fc from 'fast-check';
import { moneyCorpus } from '../testing/money-corpus';
import { currencies, minorDigits } from './currency';
import { fromMinorUnits, isAtLeast, isPositive, maxIntegerDigits, minorUnits, money } from './money';

const read = (lexeme: string, currency: string): string => {
  const result = money(lexeme, currency);
  return result.ok ? result.value.amount : result.refusal.code;
};

const cases = moneyCorpus.map((given) => {
  const { lexeme, currency } = given;
  const outcome = 'reads' in given ? given.reads : `${given.refused} of the ${given.field}`;
  return [`${JSON.stringify(lexeme)} ${JSON.stringify(currency)} as ${outcome}`, given] as const;
});

describe('reading an amount', () => {
  it.each(cases)('reads %s', (_title, { lexeme, currency, ...expected }) => {
    const result = money(lexeme, currency);
    if ('reads' in expected) {
      expect(result).toEqual({ ok: true, value: { amount: expected.reads, currency } });
    } else {
      const { refused: code, field } = expected;
      expect(result).toMatchObject({ ok: false, refusal: { code, field } });
    }
  });

  it('has a corpus worth the name, without repetition', () => {
    const distinct = new Set(moneyCorpus.map(({ lexeme, currency }) => `${lexeme}|${currency}`));
    expect(distinct.size).toBe(moneyCorpus.length);
    expect(distinct.size).toBeGreaterThanOrEqual(300);
  });

  it.each([
    ['the first number with too many digits', `1${'0'.repeat(maxIntegerDigits)}`],
    ['a thousand digits', '9'.repeat(1000)],
    ['an exponent of a thousand digits', `1e${'9'.repeat(1000)}`],
  ])('finds %s too large in any currency', (_, lexeme) => {
    for (const currency of currencies()) expect(read(lexeme, currency)).toBe('amount_out_of_range');
  });

  it('keeps the currency beside the amount', () => {
    expect(money('1.5', 'EUR')).toEqual({ ok: true, value: { amount: '1.50', currency: 'EUR' } });
  });

  it('says how many fraction digits the currency allows', () => {
    expect(money('0.0001', 'BHD', 'fee')).toEqual({
      ok: false,
      refusal: { code: 'amount_precision', field: 'fee', currency: 'BHD', allowed: 3 },
    });
  });

  it('says how large an amount may be', () => {
    expect(money('1e20', 'EUR', 'fee')).toEqual({
      ok: false,
      refusal: { code: 'amount_out_of_range', field: 'fee', integerDigits: 20 },
    });
  });

  it('says what a decimal looks like', () => {
    expect(money('1,5', 'EUR', 'fee')).toMatchObject({
      refusal: {
        code: 'invalid_value',
        field: 'fee',
        problem: expect.stringContaining('a decimal such as 1234.50'),
      },
    });
  });

  it('blames the currency for what is wrong with it, not the amount', () => {
    expect(money('1', 'eur', 'fee')).toMatchObject({ refusal: { code: 'invalid_value', field: 'currency' } });
    expect(money('1', 'XAU', 'fee')).toEqual({
      ok: false,
      refusal: { code: 'unknown_currency', field: 'currency', currency: 'XAU' },
    });
  });

  it.each([
    ['an exponent of a million digits', `1e${'9'.repeat(1_000_000)}`, 'amount_out_of_range'],
    ['a million zeros before the first digit', `0.${'0'.repeat(1_000_000)}1e1000001`, '1.00'],
    ['a million zeros after the last digit', `1.${'0'.repeat(1_000_000)}`, '1.00'],
    ['zeros that end in a digit', `1.${'0'.repeat(1_000_000)}1`, 'amount_precision'],
    ['a million digits', '1'.repeat(1_000_000), 'amount_out_of_range'],
  ])('takes %s in its stride', (_, lexeme, expected) => {
    const start = performance.now();
    expect(read(lexeme, 'EUR')).toBe(expected);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

const anyCurrency = fc.constantFrom(...currencies());
const optional = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });
const digits = fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength: 1, maxLength: 24 });

const jsonNumbers = fc
  .record({
    sign: fc.constantFrom('', '-'),
    integer: digits.map((text) => text.replace(/^0+(?=\d)/, '')),
    fraction: optional(digits),
    exponent: optional(fc.integer({ min: -30, max: 30 })),
    e: fc.constantFrom('e', 'E', 'e+'),
  })
  .map(({ sign, integer, fraction, exponent, e }) => {
    const power = exponent === undefined ? '' : (exponent < 0 ? e.charAt(0) : e) + exponent;
    return sign + integer + (fraction === undefined ? '' : `.${fraction}`) + power;
  });

/** The same question answered with whole numbers alone: mantissa × 10^exponent, scaled to minor units. */
function oracle(lexeme: string, currency: string): bigint | string {
  const [mantissa = '', exponent = '0'] = lexeme.toLowerCase().split('e');
  const [integer = '', fraction = ''] = mantissa.split('.');
  const value = BigInt(integer.replace('-', '') + fraction);
  const scale = Number(exponent) - fraction.length;
  const above = 10n ** BigInt(Math.max(scale, 0));
  const below = 10n ** BigInt(Math.max(-scale, 0));
  const perMajor = 10n ** BigInt(minorDigits(currency) ?? 0);
  if (value * above >= below * 10n ** BigInt(maxIntegerDigits)) return 'amount_out_of_range';
  if ((value * above * perMajor) % below !== 0n) return 'amount_precision';
  return ((mantissa.startsWith('-') ? -1n : 1n) * value * above * perMajor) / below;
}

describe('any amount', () => {
  it('agrees with whole number arithmetic', () => {
    fc.assert(
      fc.property(jsonNumbers, anyCurrency, (lexeme, currency) => {
        const result = money(lexeme, currency);
        expect(result.ok ? minorUnits(result.value) : result.refusal.code).toBe(oracle(lexeme, currency));
      }),
      { numRuns: 5000 },
    );
  });

  it('comes back from its minor units', () => {
    fc.assert(
      fc.property(fc.bigInt(), anyCurrency, (minor, currency) => {
        expect(minorUnits(fromMinorUnits(minor, currency))).toBe(minor);
      }),
    );
  });

  it('is read back as it is written', () => {
    const limit = 10n ** BigInt(maxIntegerDigits);
    fc.assert(
      fc.property(fc.bigInt({ min: 1n - limit, max: limit - 1n }), anyCurrency, (minor, currency) => {
        const written = fromMinorUnits(minor, currency);
        expect(money(written.amount, currency)).toEqual({ ok: true, value: written });
        expect(JSON.parse(JSON.stringify(written))).toEqual(written);
      }),
    );
  });

  it('has exactly the fraction digits of its currency and no negative zero', () => {
    fc.assert(
      fc.property(jsonNumbers, anyCurrency, (lexeme, currency) => {
        const result = money(lexeme, currency);
        fc.pre(result.ok);
        const [, fraction = ''] = result.value.amount.split('.');
        expect(fraction).toHaveLength(minorDigits(currency) ?? NaN);
        expect(result.value.amount).toMatch(/^(?!-[0.]+$)-?(0|[1-9]\d*)(\.\d+)?$/);
      }),
    );
  });

  it('is taken for malformed exactly when JSON would not read a number there', () => {
    const almostNumbers = fc.oneof(
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789.eE+-, _NaIf')), maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 6 }),
      jsonNumbers,
    );
    fc.assert(
      fc.property(almostNumbers, (text) => {
        expect(read(text, 'EUR') !== 'invalid_value').toBe(isJsonNumber(text));
      }),
      { numRuns: 5000 },
    );
  });
});

function isJsonNumber(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'number' && !/\s/.test(text);
  } catch {
    return false;
  }
}

describe('minor units', () => {
  it.each([
    [15050n, 'BRL', '150.50'],
    [12n, 'JPY', '12'],
    [-12n, 'JPY', '-12'],
    [1n, 'BHD', '0.001'],
    [-1n, 'CLF', '-0.0001'],
    [-320n, 'EUR', '-3.20'],
    [0n, 'EUR', '0.00'],
    [0n, 'JPY', '0'],
  ])('writes %s %s as %s', (minor, currency, amount) => {
    expect(fromMinorUnits(minor, currency)).toEqual({ amount, currency });
    expect(minorUnits({ amount, currency })).toBe(minor);
  });

  it('keeps an amount whose currency was withdrawn later', () => {
    expect(fromMinorUnits(minorUnits({ amount: '10.50', currency: 'BGN' }), 'BGN')).toEqual({
      amount: '10.50',
      currency: 'BGN',
    });
  });
});

describe('comparing amounts', () => {
  it.each([
    ['0.01', 'EUR', true],
    ['0.00', 'EUR', false],
    ['-0.01', 'EUR', false],
    ['1', 'JPY', true],
    ['0', 'JPY', false],
  ])('knows whether %s %s is positive', (amount, currency, expected) => {
    expect(isPositive({ amount, currency })).toBe(expected);
  });

  it.each([
    ['1000.00', 'EUR', 1000, true],
    ['999.99', 'EUR', 1000, false],
    ['-1000.00', 'EUR', 1000, true],
    ['-999.99', 'EUR', 1000, false],
    ['1000', 'JPY', 1000, true],
    ['999', 'JPY', 1000, false],
    ['1000.000', 'BHD', 1000, true],
    ['999.999', 'BHD', 1000, false],
    ['-0.5000', 'CLF', 1, false],
    ['0.00', 'EUR', 0, true],
    ['9007199254740992.99', 'EUR', 9007199254740992, true],
    ['9007199254740991.99', 'EUR', 9007199254740992, false],
  ])('counts the major units of %s %s against %d', (amount, currency, threshold, expected) => {
    expect(isAtLeast({ amount, currency }, threshold)).toBe(expected);
  });
});
