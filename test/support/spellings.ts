/*
 * Spellings of one name, `ana.lopez@example.com`, each by what is different about it. A token with any of them is either
 * refused, or stands for the same person.
 */

const name = 'ana.lopez@example.com';
const between = (char: string): string => `an${char}a.lopez@example.com`;
const around = (char: string): string => `${char}${name}${char}`;
const instead = (letter: string, char: string): string => name.replace(letter, char);
const wide = (text: string): string =>
  text.replace(/[!-~]/g, (char) => String.fromCodePoint(char.charCodeAt(0) + 0xfee0));
const math = (text: string, a: number): string =>
  text.replace(/[a-z]/g, (char) => String.fromCodePoint(char.charCodeAt(0) - 97 + a));

export const oneName = name;

/** They are one person: the token is good. */
export const sameName: Readonly<Record<string, string>> = {
  'as it is': name,
  capitals: name.toUpperCase(),
  'a capital': 'Ana.Lopez@example.com',
  'another capital': 'ana.lopeZ@Example.COM',
  'blanks at the ends': around(' '),
  'a no-break space at the ends': around('\u00a0'),
  'an em space at the ends': around('\u2003'),
  'an ideographic space at the ends': around('\u3000'),
  'a blank within': between(' '),
  'a no-break space within': between('\u00a0'),
  'a narrow no-break space within': between('\u202f'),
  'full-width letters': wide(name),
  'bold letters': math(name, 0x1d41a),
  'italic letters of mathematics': math('ana.lopez', 0x1d608 + 26) + '@example.com',
  'typewriter letters': math(name, 0x1d68a),
  'letters in circles': math('ana', 0x24d0) + name.slice(3),
  'a feminine ordinal': instead('a', 'ª'),
  'a letter of phonetics': instead('a', 'ɑ'),
  'a small full stop': instead('.', '\uff0e'),
  'a one dot leader': instead('.', '\u2024'),
  'a small at sign': instead('@', '\ufe6b'),
  'a zero for an o': instead('o', '0'),
  'a one for an l': instead('l', '1'),
  'a script l': instead('l', 'ℓ'),
  'a superscript': instead('n', 'ⁿ'),
  'a subscript': instead('o', 'ₒ'),
  'a combined letter': instead('lo', 'lo'.normalize('NFD')),
};

/** Names that look the same, one of them in another alphabet: one person as well. */
export const sameLook: readonly (readonly [string, string])[] = [
  ['cap', 'сар'],
  ['cap', 'САР'],
  ['scope', 'ѕсоре'],
  ['ANA', 'ΑΝΑ'],
  ['ana', 'ΑΝΑ'],
  ['BOT', 'ВОТ'],
  ['BOT', 'ΒΟΤ'],
  ['KIM', 'ΚΙΜ'],
  ['jx@hoy.eu', 'јх@һоу.еu'],
  ['José', 'Jose\u0301'],
  ['JOSÉ', 'jose\u0301'],
  ['Zoë', 'ZOE\u0308'],
  ['Åsa', 'a\u030asa'],
  ['Åsa', 'Åsa'],
  ['Kim', 'Kim'],
  ['Strauß', 'STRAUSS'],
  ['STRAUẞ', 'strauß'],
  ['ﬁnn', 'Finn'],
  ['Irem', 'İrem'],
  ['irem', 'ırem'],
  ['ΝΙΚΟΣ', 'νικος'],
  ['Юлия', 'ЮЛИЯ'],
  ['Օհան', 'Օհան'.toLowerCase()],
  ['ana-maria', 'ana‐maria'],
  ['ana-maria', 'ana\u2011maria'],
  ['ana-maria', 'ana–maria'],
  ["o'brien", 'o’brien'],
  ['Ana  María', 'ana maría'],
  ['ana', 'a\u034fna'],
  ['ana', 'a\u200dna'],
  ['ana', 'ana\ufe0f'],
  ['ana', '\u202eana'],
  ['ana', 'ana\u{e0061}'],
];

const inWords: readonly (readonly [string, string])[] = [
  ['a Cyrillic a', instead('a', 'а')],
  ['a Cyrillic o', instead('o', 'о')],
  ['a Cyrillic e', instead('e', 'е')],
  ['a Cyrillic p', instead('p', 'р')],
  ['a palochka', instead('l', 'ӏ')],
  ['a Greek alpha', instead('a', 'α')],
  ['a Greek omicron', instead('o', 'ο')],
  ['an Armenian o', instead('o', 'օ')],
  ['a Georgian letter', instead('l', 'ლ')],
  ['a Cherokee letter', instead('a', 'Ꭺ')],
  ['a name in Lisu', 'ꓮꓠꓮ'],
  ['small capitals', instead('ana', 'ᴀɴᴀ')],
  ['a Coptic letter', instead('a', 'ⲁ')],
  ['a Deseret letter', instead('o', '𐐬')],
  ['an Old Italic letter', instead('a', '𐌀')],
  ['a letter in a black circle', instead('a', '🅐')],
  ['a letter in a black square', instead('a', '🅰')],
  ['a regional indicator', instead('a', '🇦')],
];

const hidden: readonly (readonly [string, string])[] = [
  ...[
    0x00, 0x01, 0x09, 0x0a, 0x0d, 0x1b, 0x7f, 0x85, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180b,
    0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e,
    0x2060, 0x2061, 0x2066, 0x2067, 0x2068, 0x2069, 0x206a, 0x2800, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xffa0,
    0xfff9, 0xe000, 0x1d173, 0xe0001, 0xe0061, 0xe0100, 0x10fffd,
  ].map((code) => [`U+${code.toString(16)} within`, between(String.fromCodePoint(code))] as const),
  ['a zero-width space at the end', `${name}\u200b`],
  ['a byte order mark at the start', `\ufeff${name}`],
  ['a line feed at the end', `${name}\n`],
  ['half a surrogate pair', `${name}\ud800`],
];

/** No token may have them. */
export const refusedNames: Readonly<Record<string, string>> = Object.fromEntries([...inWords, ...hidden]);

/** The names that Redress writes itself, and what looks like them. */
export const reservedNames: readonly string[] = [
  ...['redress:dispatcher', 'redress:approvals', 'redress:deadlines', 'redress:', 'redress:anything'],
  ...['external:JIRA', 'external:LEDGER', 'EXTERNAL:jira', 'external:'],
  ...[
    'Redress:approvals',
    'REDRESS:APPROVALS',
    ' redress:approvals ',
    'redress :approvals',
    're dress:approvals',
  ],
  ...[
    'redress：approvals',
    'redress꞉approvals',
    'redress∶approvals',
    'redress﹕approvals',
    'redressː approvals',
  ],
  ...[wide('redress:approvals'), math('redress', 0x1d41a) + ':x', 'redreſs:x', 'ⓡedress:x'],
];

/** People of their own. */
export const otherPeople: readonly (readonly [string, string])[] = [
  ['ana', 'anna'],
  ['ana', 'ann'],
  ['ana', 'ana2'],
  ['ana1', 'ana2'],
  ['lia', 'ila'],
  ['jose', 'josé'],
  ['ana@example.com', 'ana@example.org'],
  ['ana.lopez', 'analopez'],
  ['ana-lopez', 'ana_lopez'],
  ['Юлия', 'Юлии'],
  ['田中', '山中'],
  ['ali', 'all'],
  ['михаил', 'михайл'],
  ['0a1b', '0a1c'],
];
