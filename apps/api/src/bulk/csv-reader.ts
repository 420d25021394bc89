import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { EventLoopTurn } from './event-loop-turn';
import { isBlank, maxLineBytes, splitLines, tooLong, tooLongProblem } from './split-lines';

/** The first line of a file does not say what the cells of the others are. */
export class WrongHeader extends Error {
  /** `fields` says for each column what is wrong with it. */
  constructor(readonly fields: Readonly<Record<string, string>>) {
    super(Object.keys(fields).join(', '));
  }
}

/** `size` is that of the record in bytes. */
export type CsvRecord = Readonly<
  { line: number; size: number; cells: readonly string[] } | { line: number; size: number; problem: string }
>;

type Outcome = Readonly<{ cells: readonly string[] } | { problem: string }>;

type NumberedLine = Readonly<{ line: number; bytes: Buffer | typeof tooLong }>;

/**
 * Records, each under the number of its first line. One that turns out to be broken costs that line alone: what it had
 * taken for its own because of an open quote is read again, so that one quote too many does not swallow a file.
 */
export async function* csvRecords(stream: Readable): AsyncGenerator<CsvRecord> {
  let record = new OpenRecord();
  const turn = new EventLoopTurn();
  /** Undefined for each line that completes no record. */
  function* read(given: NumberedLine | undefined): Generator<CsvRecord | undefined> {
    const ahead: NumberedLine[] = given ? [given] : [];
    for (let next = ahead.pop(); next ?? (!given && record.lines.length); next = ahead.pop()) {
      if (next && !record.lines.length && next.bytes !== tooLong && isBlank(next.bytes)) continue;
      const read = next ? record.add(next) : { problem: neverClosed };
      if (!read) {
        yield undefined;
        continue;
      }
      const { lines, size } = record;
      const [first, ...others] = lines;
      record = new OpenRecord();
      yield { line: first?.line ?? 0, size, ...read };
      if ('problem' in read) for (const other of others.reverse()) ahead.push(other);
    }
  }
  let line = 0;
  for await (const bytes of splitLines(stream)) {
    line++;
    for (const found of read({ line, bytes: line === 1 && bytes !== tooLong ? withoutMark(bytes) : bytes })) {
      if (found) yield found;
      const pause = turn.due();
      if (pause) await pause;
    }
  }
  for (const found of read(undefined)) {
    if (found) yield found;
    const pause = turn.due();
    if (pause) await pause;
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const withoutMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;

const neverClosed = `The line opens a quote that is not closed before the file ends or ${maxLineBytes} bytes on.`;
const doubleQuote = 0x22;

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

  /** Its cells, or what is wrong with it; undefined when it goes on in the next line. */
  add(next: NumberedLine): Outcome | undefined {
    this.lines.push(next);
    if (next.bytes === tooLong) return { problem: this.lines.length === 1 ? tooLongProblem : neverClosed };
    this.size += next.bytes.length;
    if (this.size > maxLineBytes) return { problem: neverClosed };
    if (!isUtf8(next.bytes)) return { problem: 'The line is not valid UTF-8.' };
    return this.scan(next.bytes.toString('utf8'));
  }

  private scan(text: string): Outcome | undefined {
    for (let at = 0; ; at++) {
      if (this.open !== undefined) at = this.quoted(text, at, `${this.open}\n`);
      else if (text[at] === '"') at = this.quoted(text, at + 1, '');
      else {
        const comma = text.indexOf(',', at);
        const cell = comma < 0 ? text.slice(at).replace(/\r$/, '') : text.slice(at, comma);
        if (cell.includes('"')) return { problem: misplaced };
        this.cells.push(cell);
        at = comma < 0 ? text.length : comma;
      }
      if (this.open !== undefined) return undefined;
      if (this.cells.length > maxCells) return { problem: tooManyCells };
      if (at === text.length || (text[at] === '\r' && at === text.length - 1)) return { cells: this.cells };
      if (text[at] !== ',') return { problem: misplaced };
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
    const cell = begun + text.slice(start, end < 0 ? text.length : end).replaceAll('""', '"');
    this.open = end < 0 ? cell : undefined;
    if (end < 0) return text.length;
    this.cells.push(cell);
    return end + 1;
  }
}
