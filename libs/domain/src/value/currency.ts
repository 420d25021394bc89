/**
 * The publication of ISO 4217 List One (current currencies and funds, amendments up to 180) the table follows.
 * SIX maintains it: https://www.six-group.com/en/products-services/financial-information/market-reference-data/data-standards.html
 */
export const iso4217AsOf = '2026-09-17';

/**
 * Minor unit digits → alphabetic codes. The 13 codes for which ISO 4217 has no minor unit (metals, XDR and other
 * units of account, XTS, XXX) are left out: no amount can be exact in them.
 */
const codesByDigits: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE ' +
    'CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD ' +
    'HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK ' +
    'MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD ' +
    'RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH ' +
    'USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const digitsByCode: ReadonlyMap<string, number> = new Map(
  Object.entries(codesByDigits).flatMap(([digits, codes]) =>
    codes.split(' ').map((code) => [code, Number(digits)] as const),
  ),
);

const sortedCodes: readonly string[] = Object.freeze([...digitsByCode.keys()].sort());

/** How many fraction digits an amount in this currency has; undefined when it is not a current one with minor units. */
export const minorDigits = (currency: string): number | undefined => digitsByCode.get(currency);

/** Every current ISO 4217 code with minor units, funds included, in alphabetical order. */
export const currencies = (): readonly string[] => sortedCodes;
