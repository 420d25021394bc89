import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { isBlank, maxLineBytes, splitLines, tooLong, tooLongProblem } from './split-lines';

/** The first line of a file does not say what the cells of the others are. */
export class WrongHeader extends Error {
  /** `fields` says for each column what is wrong with it. */
  constructor(readonly fields: Readonly<Record<string, string>>) {
    super(Object.keys(fields).join(', '));
  }
}

export type CsvRecord = Readonly<
  { line: number; cells: readonly string[] } | { line: number; problem: string }
>;

type NumberedLine = Readonly<{ line: number; bytes: Buffer | typeof tooLong }>;

/**
 * Records, each under the number of its first line. One that turns out to be broken costs that line alone: what it had
 * taken for its own because of an open quote is read again, so that one quote too many does not swallow a file.
 */
export async function* csvRecords(stream: Readable): AsyncGenerator<CsvRecord> {
  let record = new OpenRecord();
  function* read(given: NumberedLine | undefined): Generator<CsvRecord> {
    const ahead: NumberedLine[] = given ? [given] : [];
    for (let next = ahead.pop(); next ?? (!given && record.lines.length); next = ahead.pop()) {
      if (next && !record.lines.length && next.bytes !== tooLong && isBlank(next.bytes)) continue;
      const read = next ? record.add(next) : { problem: neverClosed };
      if (!read) continue;
      const [first, ...others] = record.lines;
      record = new OpenRecord();
      yield { line: first?.line ?? 0, ...read };
      if ('problem' in read) for (const other of others.reverse()) ahead.push(other);
    }
  }
  let line = 0;
  for await (const bytes of splitLines(stream)) {
    line++;
    yield* read({ line, bytes: line === 1 && bytes !== tooLong ? withoutMark(bytes) : bytes });
  }
  yield* read(undefined);
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const withoutMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;

const neverClosed = `The line opens a quote that is not closed before the file ends or ${maxLineBytes} bytes on.`;
const misplaced =
  'A quote is in the wrong place: put the whole cell in quotes, and write each quote in it twice.';

/** A record as far as it has been read; a quoted cell may go on in the next line. */
class OpenRecord {
  readonly lines: NumberedLine[] = [];
  private bytes = 0;
  private readonly cells: string[] = [];
  /** The quoted cell that is open, as far as it goes. */
  private open: string | undefined;

  /** Its cells, or what is wrong with it; undefined when it goes on in the next line. */
  add(next: NumberedLine): { cells: readonly string[] } | { problem: string } | undefined {
    this.lines.push(next);
    if (next.bytes === tooLong) return { problem: this.lines.length === 1 ? tooLongProblem : neverClosed };
    this.bytes += next.bytes.length;
    if (this.bytes > maxLineBytes) return { problem: neverClosed };
    if (!isUtf8(next.bytes)) return { problem: 'The line is not valid UTF-8.' };
    return this.scan(next.bytes.toString('utf8'));
  }

  private scan(text: string): { cells: readonly string[] } | { problem: string } | undefined {
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
      if (at === text.length || (text[at] === '\r' && at === text.length - 1)) return { cells: this.cells };
      if (text[at] !== ',') return { problem: misplaced };
    }
  }

  /** Reads on within quotes; answers where the cell ends. */
  private quoted(text: string, start: number, begun: string): number {
    let cell = begun;
    for (let from = start; ; from += 2) {
      const end = text.indexOf('"', from);
      this.open = end < 0 ? cell + text.slice(from) : undefined;
      if (end < 0) return text.length;
      cell += text.slice(from, end);
      if (text[end + 1] !== '"') {
        this.cells.push(cell);
        return end + 1;
      }
      cell += '"';
      from = end;
    }
  }
}
