/*
 * What Excel does with a CSV file that is opened by a double click and saved, as far as it is documented or was seen:
 * it separates by the list separator of its language, takes texts for numbers, dates and truth values, and writes what
 * it displays.
 */

export type Locale = 'en-US' | 'de-DE' | 'pt-BR';
/** `CSV`: in the code page of Windows; `CSV UTF-8`: with a byte order mark. */
export type SavedAs = 'CSV' | 'CSV UTF-8';

type Language = Readonly<{
  list: ',' | ';';
  point: '.' | ',';
  truth: readonly [string, string];
  dateMark: RegExp;
  /** Of a day and a month, and of a month and a year. */
  shortDate: (day: number, month: number) => string;
}>;

const monthsOf = (names: string) => names.split(' ');
const english = monthsOf('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec');
const german = monthsOf('Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez');
const portuguese = monthsOf('jan fev mar abr mai jun jul ago set out nov dez');
const two = (n: number) => String(n).padStart(2, '0');

const languages: Readonly<Record<Locale, Language>> = {
  'en-US': {
    list: ',',
    point: '.',
    truth: ['TRUE', 'FALSE'],
    dateMark: /^(\d{1,2})[-/](\d{1,2})$/,
    shortDate: (day, month) => `${day}-${english[month - 1]}`,
  },
  'de-DE': {
    list: ';',
    point: ',',
    truth: ['WAHR', 'FALSCH'],
    dateMark: /^(\d{1,2})[-/.](\d{1,2})$/,
    shortDate: (day, month) => `${two(day)}. ${german[month - 1]}`,
  },
  'pt-BR': {
    list: ';',
    point: ',',
    truth: ['VERDADEIRO', 'FALSO'],
    dateMark: /^(\d{1,2})[-/](\d{1,2})$/,
    shortDate: (day, month) => `${two(day)}/${portuguese[month - 1]}`,
  },
};

/** A number as the format "General" shows it: eleven characters, then an exponent with six digits. */
function general(value: number, point: string): string {
  const [plain, short] = [String(value), value.toExponential(5)];
  if (!/e/.test(plain) && plain.replace(/[-.]/g, '').length <= 11) return plain.replace('.', point);
  if (Math.abs(value) < 1e11) return String(Number(value.toPrecision(10))).replace('.', point);
  return short
    .replace(/\.?0+e/, 'e')
    .replace(/e\+?(-?)(\d)$/, 'e$10$2')
    .replace(/e\+?(-?)/, (_, minus: string) => `E${minus || '+'}`)
    .replace('.', point);
}

/** What is shown of a text that is typed into a cell, or found in a file. */
function shown(text: string, { point, truth, dateMark, shortDate }: Language): string {
  const trimmed = text.trim();
  const group = point === '.' ? ',' : '.';
  const number = new RegExp(`^[+-]?(\\d+|\\d{1,3}(\\${group}\\d{3})+)(\\${point}\\d+)?(e[+-]?\\d+)?$`, 'i');
  if (number.test(trimmed)) return general(Number(trimmed.replaceAll(group, '').replace(point, '.')), point);
  if (/^true|wahr|verdadeiro$/i.test(trimmed)) return truth[0];
  const [, first, second] = dateMark.exec(trimmed)?.map(Number) ?? [];
  if (first !== undefined && second !== undefined) {
    const [day, month] = point === '.' ? [second, first] : [first, second];
    if (month >= 1 && month <= 12 && day >= 1 && day <= 28) return shortDate(day, month);
  }
  const named = /^(jan|mar|dec)-?(\d{1,2})$/i.exec(trimmed);
  if (named && point === '.') return `${Number(named[2])}-${named[1]}`;
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(trimmed);
  if (iso)
    return point === '.' ? `${Number(iso[2])}/${Number(iso[3])}/${iso[1]}` : `${iso[3]}.${iso[2]}.${iso[1]}`;
  return text;
}

/** The cells of a file. Quotes count where a cell begins with one; a line break in quotes belongs to the cell. */
function parse(text: string, separator: string): string[][] {
  const rows: string[][] = [[]];
  for (let at = 0; at < text.length;) {
    let cell = '';
    if (text[at] === '"') {
      for (at++; at < text.length && !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        cell += text[at];
        if (text[at] === '"') at++;
      }
      at++;
    }
    while (at < text.length && text[at] !== separator && text[at] !== '\r' && text[at] !== '\n')
      cell += text[at++];
    rows.at(-1)!.push(cell);
    if (text[at] === separator) at++;
    else {
      at += text.startsWith('\r\n', at) ? 2 : 1;
      rows.push([]);
    }
  }
  rows.pop();
  return rows;
}

const windows1252 = new TextDecoder('windows-1252');
const codes = new Map(
  Array.from({ length: 256 }, (_, byte) => [windows1252.decode(Uint8Array.of(byte)), byte] as const),
);

function decoded(file: Buffer): string {
  const hasMark = file.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
  return hasMark ? file.toString('utf8', 3) : windows1252.decode(file);
}

const encoded = (text: string, as: SavedAs): Buffer =>
  as === 'CSV UTF-8'
    ? Buffer.from(`\ufeff${text}`)
    : Buffer.from(Array.from(text, (letter) => codes.get(letter) ?? 0x3f));

/** How a file is opened: with the separator of the language, or with another in the dialog for texts. */
export function throughExcel(
  file: Buffer,
  locale: Locale,
  as: SavedAs,
  opened?: Readonly<{ with: string }>,
  edit: (rows: string[][]) => void = () => undefined,
): Buffer {
  const language = languages[locale];
  const rows = parse(decoded(file), opened?.with ?? language.list).map((row) =>
    row.map((cell) => shown(cell, language)),
  );
  edit(rows);
  const width = Math.max(...rows.map((row) => row.length));
  const quoted = (cell: string) =>
    cell.includes(language.list) || /["\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const lines = rows.map((row) =>
    Array.from({ length: width }, (_, i) => quoted((row[i] ?? '').replace(/\r\n/g, '\n'))).join(
      language.list,
    ),
  );
  return encoded(`${lines.join('\r\n')}\r\n`, as);
}
