/**
 * Amounts as people, ledgers and programs write them: what each has to be read as, to the digit, or which refusal it
 * has to meet and which field that has to blame. The same cases are asked of the domain and over HTTP.
 */
export type MoneyCase = Readonly<{ lexeme: string; currency: string }> &
  (Readonly<{ reads: string }> | Readonly<{ refused: MoneyRefusal; field: 'amount' | 'currency' }>);

/** The codes with which an amount is refused. */
export type MoneyRefusal = 'invalid_value' | 'amount_precision' | 'amount_out_of_range' | 'unknown_currency';

/** Cases separated by blanks, each `as written=as read`. */
const reads = (currency: string, cases: string): MoneyCase[] =>
  cases.split(' ').map((pair) => {
    const [lexeme = '', amount = ''] = pair.split('=');
    return { lexeme, currency, reads: amount };
  });

const refuses = (refused: MoneyRefusal, currency: string, lexemes: readonly string[]): MoneyCase[] =>
  lexemes.map((lexeme) => ({ lexeme, currency, refused, field: 'amount' }));

const words = (text: string): readonly string[] => text.split(' ');
const tooFine = (currency: string, lexemes: string) => refuses('amount_precision', currency, words(lexemes));
const tooLarge = (currency: string, lexemes: string) =>
  refuses('amount_out_of_range', currency, words(lexemes));

const blamesCurrency = (refused: MoneyRefusal, currencies: readonly string[]): MoneyCase[] =>
  currencies.map((currency) => ({ lexeme: '1', currency, refused, field: 'currency' }));

const plain = [
  ...reads('EUR', '0=0.00 1=1.00 10=10.00 0.1=0.10 0.2=0.20 0.3=0.30 0.01=0.01 1.1=1.10 3.3=3.30 100=100.00'),
  ...reads('EUR', '-3.2=-3.20 -0.01=-0.01 -1=-1.00 -0.1=-0.10 99999.99=99999.99 1000000.01=1000000.01'),
  ...reads('BRL', '150.50=150.50 150.5=150.50 -150.50=-150.50 1500.5=1500.50 0.07=0.07'),
  ...reads(
    'USD',
    '8.95=8.95 1.15=1.15 4.35=4.35 1000000=1000000.00 1.10=1.10 0.57=0.57 1.01=1.01 64.1=64.10',
  ),
  // What a float makes of 0.1 + 0.2, of 1.1 × 3, and of what it cannot hold.
  ...tooFine('EUR', '0.30000000000000004 3.3000000000000003 1.005 0.615 10.235 -0.30000000000000004'),
  ...tooFine('USD', '1.005 2.675 1.0049999999999999 4.349999999999999'),
];

const beyondFloats = [
  ...reads('EUR', '9007199254740993=9007199254740993.00 90071992547409.93=90071992547409.93'),
  ...reads('EUR', '9007199254740991.01=9007199254740991.01 9007199254740992.99=9007199254740992.99'),
  ...reads('EUR', '1234567890123456789=1234567890123456789.00 1234567890123456789.01=1234567890123456789.01'),
  ...reads(
    'EUR',
    '9999999999999999999.99=9999999999999999999.99 -1234567890123456789.9=-1234567890123456789.90',
  ),
  ...reads(
    'EUR',
    '12345678901234567890.12=12345678901234567890.12 99999999999999999999=99999999999999999999.00',
  ),
  ...reads('EUR', '99999999999999999999.99=99999999999999999999.99'),
  ...reads('EUR', '-99999999999999999999.99=-99999999999999999999.99 4503599627370497.5=4503599627370497.50'),
  ...reads('JPY', '1234567890123456789=1234567890123456789 99999999999999999999=99999999999999999999'),
  ...reads('BHD', '1234567890123456789.123=1234567890123456789.123'),
  ...reads('CLF', '12345678901234567890.1234=12345678901234567890.1234'),
  ...tooLarge('EUR', '100000000000000000000 -100000000000000000000 100000000000000000000.001 1e20 -1e20'),
  ...tooLarge('EUR', '1e21 1e100 1e308 1e309 1e400 -1e400 1e999999999 10e19 999999999999999999999.99'),
  ...tooLarge('JPY', '123456789012345678901 1e20 1.5e21 1e9999999999999999999999'),
  ...tooLarge('CLF', '100000000000000000000.0001'),
];

const zeros = [
  ...reads(
    'EUR',
    '-0=0.00 -0.00=0.00 0.0=0.00 0.000000=0.00 0e5=0.00 0E-5=0.00 -0e400=0.00 0e999999999=0.00',
  ),
  ...reads('EUR', '-0.0e-10=0.00 0.00000000000000000000000000=0.00'),
  ...reads('JPY', '0=0 -0=0 0.0=0 -0.000=0 0e0=0'),
  ...reads('BHD', '0=0.000 0.0e-999999999=0.000 -0=0.000'),
  ...reads('CLF', '0=0.0000 -0=0.0000'),
  // Zeros beyond the digits of the currency say nothing.
  ...reads('BRL', '1.500=1.50 1.50000000000000000000=1.50 1.00=1.00 1.0=1.00'),
  ...reads('JPY', '1.000=1 12.0=12 100.00000=100'),
  ...reads('BHD', '1.0010=1.001 1.00000=1.000'),
  ...reads('CLF', '1.00000=1.0000 1.23450=1.2345'),
  ...tooFine('BRL', '1.501 1.5000000000000000000001 1.50000000000000001 0.001 -0.001'),
];

const byCurrency = [
  ...reads('JPY', '1=1 12=12 -12=-12'),
  ...tooFine('JPY', '0.5 12.5 -12.5 0.01 1.0001'),
  ...['BIF', 'CLP', 'DJF', 'ISK', 'KRW', 'PYG', 'UGX', 'UYI', 'VND', 'XAF', 'XOF', 'XPF'].flatMap(
    (currency) => [...reads(currency, '7=7'), ...tooFine(currency, '0.1')],
  ),
  ...reads('BHD', '0.001=0.001 -0.001=-0.001 0.01=0.010 1.234=1.234'),
  ...tooFine('BHD', '0.0001 1.2345 -0.0001'),
  ...['IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].flatMap((currency) => [
    ...reads(currency, '1.5=1.500'),
    ...tooFine(currency, '1.2345'),
  ]),
  ...reads('CLF', '0.0001=0.0001 1.2345=1.2345 1=1.0000'),
  ...tooFine('CLF', '0.00001 1.23456'),
  ...reads('UYW', '0.0001=0.0001'),
  ...tooFine('UYW', '0.00001'),
  // Two digits, also where other tables say none, or where the code is a fund or new.
  ...['HUF', 'IDR', 'COP', 'LAK', 'TWD', 'CHE', 'USN', 'XAD', 'XCG', 'SLE', 'VED', 'ZWG'].flatMap(
    (currency) => [...reads(currency, '1.23=1.23'), ...tooFine(currency, '0.999')],
  ),
];

const exponents = [
  ...reads(
    'EUR',
    '1e3=1000.00 1E3=1000.00 1E-2=0.01 1e2=100.00 1E2=100.00 1e+2=100.00 1e0=1.00 1e-2=0.01 1e19=10000000000000000000.00',
  ),
  ...reads('EUR', '1e00000000000000000000002=100.00 1e-0=1.00 1E+0=1.00 12345e-2=123.45 -5e-1=-0.50'),
  ...reads('BRL', '15e-1=1.50 1.5e1=15.00 1505e-1=150.50 1.50500e2=150.50 -1.5e1=-15.00'),
  ...reads('BRL', '0.00000000000000000000015e21=0.15 1000000000000000000000000e-24=1.00'),
  ...reads('JPY', '120e-1=12 1.25e2=125 1e1=10 5000e-3=5'),
  ...reads('BHD', '1e-3=0.001 0.0001e1=0.001 0.00001e2=0.001'),
  ...reads('CLF', '1e-4=0.0001 12345e-4=1.2345'),
  ...tooFine('EUR', '1e-3 1e-400 1e-999999999 125e-3 -1e-3'),
  ...tooFine('JPY', '125e-1 1.255e2 1e-1 -1e-9999999999999999999999'),
  ...tooFine('BHD', '1e-4'),
  ...tooFine('CLF', '1e-5'),
];

const malformed = [
  ...refuses('invalid_value', 'EUR', ['', ' ', '\t', '\n', ' 1', '1 ', '1\n', '\r1', '1 000', '1\u00a0000']),
  ...refuses('invalid_value', 'EUR', ['1\u00a0', '\u20091', '1\u202f000', '\ufeff1', '1\u200b', '1\u0000']),
  ...refuses('invalid_value', 'EUR', [
    '+1',
    '+0.5',
    '--1',
    '-+1',
    '-',
    '+',
    '1-',
    '−5',
    '‐5',
    '–5',
    '(5.00)',
    '5-',
  ]),
  ...refuses('invalid_value', 'EUR', ['01', '00', '-01', '007', '00.5', '000', '-00', '01e1', '00012.50']),
  ...refuses('invalid_value', 'EUR', ['.5', '5.', '-.5', '.', '-5.', '1..5', '1.2.3', '.e1', '1.e1']),
  ...refuses('invalid_value', 'EUR', [
    '1,5',
    '1,000.00',
    '1.000,00',
    "1'000",
    '1_000',
    '1,',
    ',5',
    '1;5',
    '1٫5',
    '1،5',
  ]),
  ...refuses('invalid_value', 'EUR', [
    '1e',
    '1e+',
    '1e-',
    '1e1.5',
    'e5',
    '1e5e5',
    '1ee5',
    'E',
    '1 e5',
    '1e 5',
    '1e٣',
  ]),
  ...refuses('invalid_value', 'EUR', [
    '0x10',
    '0X1F',
    '0b1',
    '0o7',
    '10n',
    '1f',
    '1d',
    '1m',
    '0x',
    '#10',
    '1L',
  ]),
  ...refuses('invalid_value', 'EUR', [
    'NaN',
    'nan',
    '-NaN',
    'Infinity',
    '-Infinity',
    '+Infinity',
    'inf',
    'INF',
    '∞',
  ]),
  ...refuses('invalid_value', 'EUR', [
    'null',
    'true',
    'false',
    'undefined',
    '"1"',
    '[1]',
    '{}',
    '[]',
    '1/2',
    '½',
    '1%',
  ]),
  ...refuses('invalid_value', 'EUR', [
    '€5',
    '5 EUR',
    'EUR 5',
    '$1',
    '5€',
    'one',
    'abc',
    '1a',
    'a1',
    '~1',
    '1*2',
    '=1',
  ]),
  // Digits to people and to some parsers, but not the ones of JSON.
  ...refuses('invalid_value', 'EUR', ['١٢', '１２', '१२', '𝟏', '1²', '①', 'Ⅻ', '五', '1．5', '۱']),
  ...refuses('invalid_value', 'JPY', ['', '1,000', '１', '0x1', '+1', '1.']),
];

const currencies = [
  ...blamesCurrency('unknown_currency', words('XAU XAG XPD XPT XDR XSU XUA XBA XBB XBC XBD XTS XXX')),
  ...blamesCurrency(
    'unknown_currency',
    words('HRK BGN ANG SLL ZWL DEM FRF ITL LTL LVL EEK MRO STD VEF BYR CUC'),
  ),
  ...blamesCurrency('unknown_currency', words('BTC ETH AAA ZZZ USX EUX NAN')),
  ...blamesCurrency('invalid_value', [
    'eur',
    'Eur',
    'EUr',
    '',
    ' ',
    'EU',
    'EURO',
    ' EUR',
    'EUR ',
    'EUR\n',
    'E R',
  ]),
  ...blamesCurrency('invalid_value', [
    '978',
    'ÉUR',
    'ＥＵＲ',
    'ЕUR',
    'E\u0000R',
    '€',
    '€€€',
    'US$',
    'EUR,USD',
    'ıNR',
  ]),
];

/** Every case: amounts that are accepted, and amounts that are refused. */
export const moneyCorpus: readonly MoneyCase[] = [
  ...plain,
  ...beyondFloats,
  ...zeros,
  ...byCurrency,
  ...exponents,
  ...malformed,
  ...currencies,
];
