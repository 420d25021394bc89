import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { EventLoopTurn } from '../lines/event-loop-turn';
import { WrongFile } from '../lines/file-chunks';
import { isBlank, maxLineBytes, splitLines, tooLong, tooLongProblem } from '../lines/split-lines';

/** `encoding`: set where the cells are a guess, because the line is not UTF-8. */
type Cells = Readonly<{ cells: readonly string[]; encoding?: 'windows-1252' }>;
type Outcome = Cells | Readonly<{ problem: string }>;

/** `size` is that of the record in bytes. */
export type CsvRecord = Outcome & Readonly<{ line: number; size: number; separator: Separator }>;
export type CsvCells = Extract<CsvRecord, Cells>;

/** What is between two cells: a comma, or what spreadsheets write where the comma is in the numbers. */
export type Separator = ',' | ';' | '\t';

type NumberedLine = Readonly<{ line: number; bytes: Buffer | typeof tooLong }>;

/** Records that are handed on together: to await each would cost more than to read it. */
const maxTogether = 1000;

/**
 * Records, each under the number of its first line. One that turns out to be broken costs that line alone: what it had
 * taken for its own because of an open quote is read again, so that one quote too many does not swallow a file.
 */
export async function* csvRecords(stream: Readable): AsyncGenerator<CsvRecord[]> {
  /** That of the first line, which is the header. */
  let separator: Separator | undefined;
  let record = new OpenRecord();
  /** Undefined for each line that completes no record. */
  function* read(given: NumberedLine | undefined): Generator<CsvRecord | undefined> {
    let ahead: NumberedLine[] = given ? [given] : [];
    for (let next = ahead.pop(); next ?? (!given && record.lines.length); next = ahead.pop()) {
      if (next && !record.lines.length && next.bytes !== tooLong && isBlank(next.bytes)) {
        yield undefined;
        continue;
      }
      if (next && next.bytes !== tooLong) separator ??= separatorOf(next.bytes);
      const read = next ? record.add(next, separator) : { problem: neverClosed };
      if (!read) {
        yield undefined;
        continue;
      }
      const { lines, size } = record;
      record = new OpenRecord();
      const others = lines.reverse();
      yield { line: others.pop()?.line ?? 0, size, separator: separator ?? ',', ...read };
      if (!('problem' in read)) continue;
      if (ahead.length) for (const other of others) ahead.push(other);
      else ahead = others;
    }
  }
  let line = 0;
  const turn = new EventLoopTurn();
  async function* together(lines: readonly (NumberedLine | undefined)[]): AsyncGenerator<CsvRecord[]> {
    let records: CsvRecord[] = [];
    for (const given of lines)
      for (const found of read(given)) {
        if (found) records.push(found);
        const pause = turn.due();
        if (pause) await pause;
        if (records.length < maxTogether) continue;
        yield records;
        records = [];
      }
    if (records.length) yield records;
  }
  for await (const lines of splitLines(stream))
    yield* together(lines.map((bytes) => ({ line: ++line, bytes })));
  yield* together([undefined]);
}

/** The first one that is not within quotes. Throws `WrongFile` where the line is the whole file of an old Mac. */
function separatorOf(header: Buffer): Separator {
  const text = header
    .toString('latin1')
    .replace(/\r$/, '')
    .replace(/"[^"]*"/g, '');
  if (text.includes('\r'))
    throw new WrongFile({ file: 'has lines that end in CR; save it with CR LF or LF' });
  return (/[,;\t]/.exec(text)?.[0] ?? ',') as Separator;
}

export const isEmptyRecord = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');

/** As many cells as the header has. Spreadsheets add empty ones at the end; any other number is a problem. */
export function fitted({ cells, separator }: CsvCells, header: readonly string[]): Outcome {
  if (cells.length === header.length) return { cells };
  // A spreadsheet that separates by another mark keeps a line as one cell, and writes it in quotes.
  const [line = ''] = cells;
  const within =
    cells.length === 1 &&
    line.includes(separator) &&
    new OpenRecord().add({ line: 0, bytes: Buffer.from(line) }, separator);
  if (within && 'cells' in within && within.cells.length === header.length) return { cells: within.cells };
  if (cells.length > header.length && isEmptyRecord(cells.slice(header.length)))
    return { cells: cells.slice(0, header.length) };
  return { problem: `The line has ${cells.length} cells, the header has ${header.length}.` };
}

/** The header without what is empty at its end. */
export function headerCells(cells: readonly string[]): readonly string[] {
  const names = [...cells];
  while (names.at(-1)?.trim() === '') names.pop();
  return names;
}

export const notUtf8 = 'The line is not valid UTF-8; save the file as "CSV UTF-8".';
/** Decodes any bytes; Excel on Windows saves CSV in it. */
const windows1252 = new TextDecoder('windows-1252');

/** Lines of one record: what a record has taken for its own may have to be read again. */
const maxRecordLines = 10_000;
const neverClosed = `The line opens a quote that is not closed before the file ends, or ${maxLineBytes} bytes or ${maxRecordLines} lines on.`;
const doubleQuote = 0x22;

/** Every two quotes as one. In a long text unit by unit: replacing a million quotes takes ten times as long. */
function singleQuotes(text: string): string {
  if (text.length < 10_000) return text.replaceAll('""', '"');
  const units = new Uint16Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = (units[length++] = text.charCodeAt(at));
    if (unit === doubleQuote) at++;
  }
  return Buffer.from(units.buffer).toString('utf16le', 0, 2 * length);
}

/** Cells of one record. An export has 40 columns, an import 9 and one for each of 50 metadata keys. */
export const maxCells = 1000;
const tooManyCells = `The line has more than ${maxCells} cells.`;
const misplaced =
  'A quote is in the wrong place: put the whole cell in quotes, and write each quote in it twice.';

/** A record as far as it has been read; a quoted cell may go on in the next line. */
class OpenRecord {
  readonly lines: NumberedLine[] = [];
  size = 0;
  private readonly cells: string[] = [];
  /** The quoted cell that is open, as far as it goes. */
  private open: string | undefined;
  private isUtf8 = true;
  private separator: Separator = ',';

  /** Its cells, or what is wrong with it; undefined when it goes on in the next line. */
  add(next: NumberedLine, separator: Separator = ','): Outcome | undefined {
    this.separator = separator;
    this.lines.push(next);
    if (next.bytes === tooLong) return { problem: this.lines.length === 1 ? tooLongProblem : neverClosed };
    this.size += next.bytes.length;
    if (this.size > maxLineBytes || this.lines.length > maxRecordLines) return { problem: neverClosed };
    const sound = isUtf8(next.bytes);
    this.isUtf8 &&= sound;
    const outcome = this.scan(sound ? next.bytes.toString('utf8') : windows1252.decode(next.bytes));
    return outcome && 'cells' in outcome && !this.isUtf8 ? { ...outcome, encoding: 'windows-1252' } : outcome;
  }

  private scan(text: string): Outcome | undefined {
    for (let at = 0; ; at++) {
      if (this.open !== undefined) at = this.quoted(text, at, `${this.open}\n`);
      else if (text[at] === '"') at = this.quoted(text, at + 1, '');
      else {
        const end = text.indexOf(this.separator, at);
        const cell = end < 0 ? text.slice(at).replace(/\r$/, '') : text.slice(at, end);
        if (cell.includes('"')) return { problem: misplaced };
        this.cells.push(cell);
        at = end < 0 ? text.length : end;
      }
      if (this.open !== undefined) return undefined;
      if (this.cells.length > maxCells) return { problem: tooManyCells };
      if (at === text.length || (text[at] === '\r' && at === text.length - 1)) return { cells: this.cells };
      if (text[at] !== this.separator) return { problem: misplaced };
    }
  }

  /** Reads on within quotes; answers where the cell ends. */
  private quoted(text: string, start: number, begun: string): number {
    let end = text.indexOf('"', start);
    while (end >= 0 && text.charCodeAt(end + 1) === doubleQuote) {
      end += 2;
      // Quotes may come by the hundred thousand, and asking for the next one costs more than looking.
      if (text.charCodeAt(end) !== doubleQuote) end = text.indexOf('"', end);
    }
    const cell = begun + singleQuotes(text.slice(start, end < 0 ? text.length : end));
    this.open = end < 0 ? cell : undefined;
    if (end < 0) return text.length;
    this.cells.push(cell);
    return end + 1;
  }
}
