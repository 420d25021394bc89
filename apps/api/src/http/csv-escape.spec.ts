import fc from 'fast-check';
import { csvRecord, neutral, original } from './csv-escape';

describe('a record', () => {
  it.each([
    [['a', 'b', ''], 'a,b,\r\n'],
    [[''], '\r\n'],
    [['a,b', 'c'], '"a,b",c\r\n'],
    [['say "no"', '"'], '"say ""no""",""""\r\n'],
    [['two\nlines', 'two\r\nlines', 'a\rb'], '"two\nlines","two\r\nlines","a\rb"\r\n'],
    [[' blanks ', 'ação;🙂'], ' blanks ,ação;🙂\r\n'],
  ])('of %j is %j', (cells, text) => {
    expect(csvRecord(cells)).toBe(text);
  });
});

describe('a cell', () => {
  const spaced = ['', ' ', '\u00a0', '\u200b', "'", "''", " '"];
  const signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
  const dangerous = [
    ...spaced.flatMap((space) => signs.map((sign) => `${space}${sign}A1`)),
    ...['\tA1', '\rA1', '\nA1', "'\tA1", '-', '=', '-1-1', '+1.', '-.5', '-1,5', '-1e5'],
  ];
  it.each(dangerous)('of %j cannot be run', (text) => {
    expect(neutral(text)).toBe(`'${text}`);
  });

  it.each([
    '',
    'A1',
    'a=b',
    "don't",
    "'tis",
    '1-1',
    '-12.50',
    '+47',
    '-0',
    '2026-01-31',
    'x@y.example',
    ' A1',
  ])('of %j stays as it is', (text) => {
    expect(neutral(text)).toBe(text);
  });

  it('tells its text again, and only a neutral one loses its apostrophe', () => {
    const letters = fc.constantFrom("'", '=', '-', '+', '＝', ' ', '\t', '\n', '1', '.', 'a', ',', '"');
    const texts = fc.oneof(fc.string({ unit: letters, maxLength: 6 }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(texts, (text) => {
        expect(original(neutral(text))).toBe(text);
      }),
      { numRuns: 5000 },
    );
  });
});
