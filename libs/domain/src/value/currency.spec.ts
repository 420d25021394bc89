import { currencies, iso4217AsOf, minorDigits } from './currency';

const withDigits = (digits: number) => currencies().filter((code) => minorDigits(code) === digits);

describe('the table of currencies', () => {
  it('says which publication of ISO 4217 it follows', () => {
    expect(iso4217AsOf).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  // List One has 178 codes, 13 of them without minor unit.
  it('has as many codes with each number of digits as List One', () => {
    expect([0, 1, 2, 3, 4].map((digits) => withDigits(digits).length)).toEqual([17, 0, 139, 7, 2]);
    expect(currencies()).toHaveLength(165);
  });

  it('names every code once, in three capital letters and in order', () => {
    expect(currencies().filter((code) => !/^[A-Z]{3}$/.test(code))).toEqual([]);
    expect([...new Set(currencies())].sort()).toEqual(currencies());
  });

  it('cannot be changed by those who read it', () => {
    expect(Object.isFrozen(currencies())).toBe(true);
  });

  it('knows every currency without cents', () => {
    expect(withDigits(0).join(' ')).toBe(
      'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
    );
  });

  it('knows every currency with three or four fraction digits', () => {
    expect(withDigits(3).join(' ')).toBe('BHD IQD JOD KWD LYD OMR TND');
    expect(withDigits(4).join(' ')).toBe('CLF UYW');
  });

  it.each([
    ...['EUR', 'USD', 'BRL', 'GBP', 'CHF', 'CNY', 'INR', 'MXN'],
    ...['HUF', 'IDR', 'COP', 'PKR', 'LAK', 'MGA', 'MRU', 'TWD'], // CLDR has other digits for some of these
    ...['BOV', 'CHE', 'CHW', 'COU', 'MXV', 'USN', 'XAD'], // funds
    ...['SLE', 'VED', 'VES', 'XCG', 'ZWG', 'BYN', 'STN', 'SSP', 'XCD'],
  ])('gives %s two fraction digits', (code) => {
    expect(minorDigits(code)).toBe(2);
  });

  it.each([
    'ANG',
    'BGN',
    'BYR',
    'CUC',
    'DEM',
    'EEK',
    'FRF',
    'HRK',
    'LTL',
    'LVL',
    'MRO',
    'SLL',
    'STD',
    'VEF',
    'ZWL',
  ])('no longer has %s', (code) => {
    expect(minorDigits(code)).toBeUndefined();
  });

  it.each(['XAG', 'XAU', 'XBA', 'XBB', 'XBC', 'XBD', 'XDR', 'XPD', 'XPT', 'XSU', 'XTS', 'XUA', 'XXX'])(
    'leaves out %s, which has no minor unit',
    (code) => {
      expect(minorDigits(code)).toBeUndefined();
    },
  );

  it.each(['', 'eur', 'EURO', 'EU', ' EUR', '978', 'constructor', '__proto__', 'BTC'])(
    'does not take %j for a currency',
    (code) => {
      expect(minorDigits(code)).toBeUndefined();
    },
  );
});
