import fc from 'fast-check';
import { csvRecord, neutralCell, originalText } from './csv-cell';

describe('a record', () => {
  it.each([
    [['a', 'b', ''], 'a,b,\r\n'],
    [[''], '\r\n'],
    [['a,b', 'c'], '"a,b",c\r\n'],
    [['say "no"', '"'], '"say ""no""",""""\r\n'],
    [['two\nlines', 'two\r\nlines', 'a\rb'], '"two\nlines","two\r\nlines","a\rb"\r\n'],
    [[' blanks ', 'ação🙂'], ' blanks ,ação🙂\r\n'],
    [['a;b', 'a\tb', 'a|b'], '"a;b","a\tb","a|b"\r\n'],
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
    expect(neutralCell(text)).toBe(`'${text}`);
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
    expect(neutralCell(text)).toBe(text);
  });

  it.each([
    ["x;=cmd|'/c calc'!A0;y", "x;'=cmd|'/c calc'!A0;y"],
    ['a\t@SUM(A1)', "a\t'@SUM(A1)"],
    ['a, -5', "a,' -5"],
    ['two\n-lines', "two\n'-lines"],
    ['\t=1', "'\t'=1"],
    ['x;"=1+1"', `x;'"=1+1"`],
    ['a;b', 'a;b'],
    ['1-1;a=b', '1-1;a=b'],
  ])('of %j is %j', (text, cell) => {
    expect([neutralCell(text), originalText(cell)]).toEqual([cell, text]);
  });

  it('takes time that grows with its length, not with the square of it', () => {
    const long = `${"' \t;".repeat(250_000)}=1`;
    expect(originalText(neutralCell(long))).toBe(long);
  });

  it('tells its text again, and only a neutralCell one loses its apostrophe', () => {
    const letters = fc.constantFrom(
      "'",
      '=',
      '-',
      '+',
      '＝',
      ' ',
      '\t',
      '\n',
      '1',
      '.',
      'a',
      ',',
      '"',
      ';',
      '|',
      '\r',
      '@',
    );
    const texts = fc.oneof(fc.string({ unit: letters, maxLength: 6 }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(texts, (text) => {
        expect(originalText(neutralCell(text))).toBe(text);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a file that is opened with another separator', () => {
  /** Cells as a spreadsheet finds them: quotes count where a cell begins with one, and a line break ends an open cell. */
  function cellsBy(separator: string, text: string): string[] {
    const cells: string[] = [];
    for (const line of text.split(/\r\n|\n|\r/)) {
      for (let rest = line; ;) {
        const quotes = /^"((?:[^"]|"")*)(?:"|$)/.exec(rest);
        const open = quotes?.[0].length ?? 0;
        const end = rest.indexOf(separator, open);
        const tail = rest.slice(open, end < 0 ? undefined : end);
        cells.push((quotes?.[1]?.replaceAll('""', '"') ?? '') + tail);
        if (end < 0) break;
        rest = rest.slice(end + 1);
      }
    }
    return cells;
  }
  const runs = (cell: string) =>
    /^["\s\p{C}]*[=+\-@＝＋－＠]/u.test(cell) && !/^[+-]?\d+(\.\d+)?$/.test(cell);

  const formulas = [
    '=1+1',
    "=cmd|'/c calc'!A0",
    '+A1',
    '-2+3',
    '@SUM(A1)',
    '＝1',
    ' =1',
    '"=1+1"',
    '\u200b=1',
    "''=1",
  ];
  const separators = [',', ';', '\t', '|'];
  const breaks = ['', '\n', '\r\n', '\r'];
  const corpus = formulas.flatMap((formula) =>
    separators.flatMap((one) =>
      breaks.flatMap((end) => [
        `x${one}${end}${formula}${one}y`,
        `${end}${one}${formula}`,
        `x${end}${formula}`,
      ]),
    ),
  );

  it.each([...separators, '\u0001'])('has no cell that is run behind %j', (separator) => {
    const found = (cell: (text: string) => string) =>
      corpus.filter((text) => cellsBy(separator, csvRecord(['id', cell(text), 'end'])).some(runs));
    expect(found(neutralCell)).toEqual([]);
    // The corpus would be noticed: as it is, most of it is run.
    expect(found((text) => text).length).toBeGreaterThan(corpus.length / 4);
    expect(corpus.map((text) => originalText(neutralCell(text)))).toEqual(corpus);
  });
});
