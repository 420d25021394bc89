import fc from 'fast-check';
import { currencies, minorDigits } from './currency';
import { fromMinorUnits, isAtLeast, isPositive, maxIntegerDigits, minorUnits, money } from './money';

const nines = '9'.repeat(maxIntegerDigits);
const oneTooLong = `1${'0'.repeat(maxIntegerDigits)}`;

const malformed = 'invalid_value';
const tooFine = 'amount_precision';
const tooLarge = 'amount_out_of_range';
const unknown = 'unknown_currency';

/** What is written, in which currency, and the amount read or the code of the refusal. */
const corpus: readonly (readonly [lexeme: string, currency: string, expected: string])[] = [
  // plain decimals
  ['0', 'EUR', '0.00'],
  ['1', 'EUR', '1.00'],
  ['10', 'EUR', '10.00'],
  ['0.1', 'EUR', '0.10'],
  ['0.01', 'EUR', '0.01'],
  ['0.3', 'EUR', '0.30'],
  ['1.1', 'EUR', '1.10'],
  ['150.50', 'BRL', '150.50'],
  ['150.5', 'BRL', '150.50'],
  ['1.005', 'USD', tooFine],
  ['2.675', 'USD', tooFine],
  ['8.95', 'USD', '8.95'],
  ['1.15', 'USD', '1.15'],
  ['4.35', 'USD', '4.35'],
  ['1000000', 'USD', '1000000.00'],
  ['-3.2', 'EUR', '-3.20'],
  ['-0.01', 'EUR', '-0.01'],
  ['-150.50', 'BRL', '-150.50'],
  // more digits than a float holds
  ['9007199254740993', 'EUR', '9007199254740993.00'],
  ['90071992547409.93', 'EUR', '90071992547409.93'],
  ['1234567890123456789', 'EUR', '1234567890123456789.00'],
  ['1234567890123456789.01', 'EUR', '1234567890123456789.01'],
  ['0.30000000000000004', 'EUR', tooFine],
  ['12345678901234567890.12', 'EUR', '12345678901234567890.12'],
  ['12345678901234567890.1234', 'CLF', '12345678901234567890.1234'],
  // zero
  ['-0', 'EUR', '0.00'],
  ['-0.00', 'EUR', '0.00'],
  ['0.0', 'EUR', '0.00'],
  ['0.000000', 'EUR', '0.00'],
  ['-0', 'JPY', '0'],
  ['0.0', 'JPY', '0'],
  ['0e5', 'EUR', '0.00'],
  ['0E-5', 'EUR', '0.00'],
  ['-0e400', 'EUR', '0.00'],
  ['0e999999999', 'EUR', '0.00'],
  ['0.0e-999999999', 'BHD', '0.000'],
  // zeros beyond the fraction digits
  ['1.500', 'BRL', '1.50'],
  ['1.50000000000000000000', 'BRL', '1.50'],
  ['1.000', 'JPY', '1'],
  ['1.0010', 'BHD', '1.001'],
  ['1.00000', 'CLF', '1.0000'],
  ['1.501', 'BRL', tooFine],
  ['1.5000000000000000000001', 'BRL', tooFine],
  // fraction digits by currency
  ['12', 'JPY', '12'],
  ['0.5', 'JPY', tooFine],
  ['12.5', 'JPY', tooFine],
  ['-12.5', 'JPY', tooFine],
  ['12', 'KRW', '12'],
  ['0.1', 'KRW', tooFine],
  ['1000', 'CLP', '1000'],
  ['0.01', 'CLP', tooFine],
  ['1', 'XOF', '1'],
  ['0.5', 'XAF', tooFine],
  ['0.1', 'UYI', tooFine],
  ['7', 'UYI', '7'],
  ['0.001', 'BHD', '0.001'],
  ['0.0001', 'BHD', tooFine],
  ['-0.001', 'BHD', '-0.001'],
  ['1.234', 'KWD', '1.234'],
  ['1.2345', 'KWD', tooFine],
  ['1.5', 'TND', '1.500'],
  ['1', 'OMR', '1.000'],
  ['1.234', 'IQD', '1.234'],
  ['1.234', 'EUR', tooFine],
  ['1.2345', 'CLF', '1.2345'],
  ['1.23456', 'CLF', tooFine],
  ['0.0001', 'CLF', '0.0001'],
  ['0.00001', 'CLF', tooFine],
  ['0.0001', 'UYW', '0.0001'],
  ['0.99', 'USN', '0.99'],
  ['0.999', 'CHE', tooFine],
  ['1.23', 'XCG', '1.23'],
  ['1.23', 'ZWG', '1.23'],
  // exponents
  ['1e2', 'EUR', '100.00'],
  ['1E2', 'EUR', '100.00'],
  ['1e+2', 'EUR', '100.00'],
  ['1e0', 'EUR', '1.00'],
  ['1e-2', 'EUR', '0.01'],
  ['1e-3', 'EUR', tooFine],
  ['15e-1', 'BRL', '1.50'],
  ['1.5e1', 'BRL', '15.00'],
  ['1505e-1', 'BRL', '150.50'],
  ['1.50500e2', 'BRL', '150.50'],
  ['-1.5e1', 'BRL', '-15.00'],
  ['120e-1', 'JPY', '12'],
  ['125e-1', 'JPY', tooFine],
  ['1.25e2', 'JPY', '125'],
  ['1.255e2', 'JPY', tooFine],
  ['1e-3', 'BHD', '0.001'],
  ['0.0001e1', 'BHD', '0.001'],
  ['0.00001e2', 'BHD', '0.001'],
  ['0.00000000000000000000015e21', 'BRL', '0.15'],
  ['1000000000000000000000000e-24', 'BRL', '1.00'],
  ['1e00000000000000000000002', 'EUR', '100.00'],
  ['1e19', 'EUR', '10000000000000000000.00'],
  // range
  [nines, 'EUR', `${nines}.00`],
  [`${nines}.99`, 'EUR', `${nines}.99`],
  [`-${nines}.99`, 'EUR', `-${nines}.99`],
  [oneTooLong, 'EUR', tooLarge],
  [`-${oneTooLong}`, 'EUR', tooLarge],
  [`${oneTooLong}.001`, 'EUR', tooLarge],
  ['1e20', 'EUR', tooLarge],
  ['1e400', 'EUR', tooLarge],
  ['-1e400', 'EUR', tooLarge],
  ['1e-400', 'EUR', tooFine],
  ['1e999999999', 'EUR', tooLarge],
  ['1e-999999999', 'EUR', tooFine],
  [`1e${'9'.repeat(1000)}`, 'JPY', tooLarge],
  [`-1e-${'9'.repeat(1000)}`, 'JPY', tooFine],
  ['123456789012345678901', 'JPY', tooLarge],
  // what JSON would not take for a number
  ['', 'EUR', malformed],
  [' ', 'EUR', malformed],
  ['+1', 'EUR', malformed],
  ['01', 'EUR', malformed],
  ['00', 'EUR', malformed],
  ['-01', 'EUR', malformed],
  ['.5', 'EUR', malformed],
  ['5.', 'EUR', malformed],
  ['-.5', 'EUR', malformed],
  ['-', 'EUR', malformed],
  ['--1', 'EUR', malformed],
  ['1-', 'EUR', malformed],
  ['1,5', 'EUR', malformed],
  ['1,000.00', 'EUR', malformed],
  ['1.000,00', 'EUR', malformed],
  ['1 000', 'EUR', malformed],
  ["1'000", 'CHF', malformed],
  ['1_000', 'EUR', malformed],
  [' 1', 'EUR', malformed],
  ['1 ', 'EUR', malformed],
  ['1\n', 'EUR', malformed],
  ['1\u00a0', 'EUR', malformed],
  ['1.2.3', 'EUR', malformed],
  ['1e', 'EUR', malformed],
  ['1e+', 'EUR', malformed],
  ['1e1.5', 'EUR', malformed],
  ['e5', 'EUR', malformed],
  ['1e5e5', 'EUR', malformed],
  ['0x10', 'EUR', malformed],
  ['0b1', 'EUR', malformed],
  ['10n', 'EUR', malformed],
  ['NaN', 'EUR', malformed],
  ['Infinity', 'EUR', malformed],
  ['-Infinity', 'EUR', malformed],
  ['null', 'EUR', malformed],
  ['true', 'EUR', malformed],
  ['"1"', 'EUR', malformed],
  ['€5', 'EUR', malformed],
  ['5 EUR', 'EUR', malformed],
  ['(5.00)', 'EUR', malformed],
  ['5-', 'EUR', malformed],
  ['−5', 'EUR', malformed], // the minus sign of typographers
  ['١٢', 'EUR', malformed], // digits, but not the ones of JSON
  ['１２', 'EUR', malformed],
  ['1\u0000', 'EUR', malformed],
  // currencies
  ['1', 'XAU', unknown],
  ['1', 'XAG', unknown],
  ['1', 'XDR', unknown],
  ['1', 'XTS', unknown],
  ['1', 'XXX', unknown],
  ['1', 'ANG', unknown],
  ['1', 'BGN', unknown],
  ['1', 'HRK', unknown],
  ['1', 'SLL', unknown],
  ['1', 'ZWL', unknown],
  ['1', 'DEM', unknown],
  ['1', 'BTC', unknown],
  ['1', 'AAA', unknown],
  ['1', 'eur', malformed],
  ['1', 'Eur', malformed],
  ['1', '', malformed],
  ['1', 'EU', malformed],
  ['1', 'EURO', malformed],
  ['1', ' EUR', malformed],
  ['1', 'EUR\n', malformed],
  ['1', '978', malformed],
  ['1', 'ÉUR', malformed],
];

const read = (lexeme: string, currency: string): string => {
  const result = money(lexeme, currency);
  return result.ok ? result.value.amount : result.refusal.code;
};

describe('reading an amount', () => {
  it.each(corpus)('reads %j %s as %s', (lexeme, currency, expected) => {
    expect(read(lexeme, currency)).toBe(expected);
  });

  it('has a corpus worth the name, without repetition', () => {
    expect(new Set(corpus.map(([lexeme, currency]) => `${lexeme}|${currency}`)).size).toBe(corpus.length);
    expect(corpus.length).toBeGreaterThanOrEqual(120);
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
