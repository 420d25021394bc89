import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import type { Raise } from '@redress/domain';
import { readReport } from '../http/report';
import { JsonNumber, parseStrictJson, type JsonObject, type JsonValue } from '../http/strict-json';

/** One line of a file: a report, or why it is none. Lines count from 1. */
export type Line = Readonly<
  { line: number; report: Raise } | { line: number; field?: string; problem: string }
>;

/** Longer lines are refused without being held in memory. */
const maxLineBytes = 1_048_576;

/** Newline-delimited JSON: one report a line, blank lines skipped. */
export async function* ndjsonLines(stream: Readable): AsyncGenerator<Line> {
  let line = 0;
  for await (const bytes of splitLines(stream)) {
    line++;
    if (bytes === tooLong) yield { line, problem: tooLongProblem };
    else if (!isBlank(bytes)) yield lineOf(line, parseStrictJson(bytes));
  }
}

type Parsed = ReturnType<typeof parseStrictJson>;

function lineOf(line: number, parsed: Parsed): Line {
  if (!parsed.ok)
    return { line, ...(parsed.path !== undefined && { field: parsed.path }), problem: parsed.problem };
  return { line, ...readReport(parsed.value) };
}

const isBlank = (bytes: Buffer): boolean =>
  bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

const tooLong = Symbol('too long');

/** Lines as bytes. Of one that is too long, no more than the limit is ever kept. */
async function* splitLines(stream: Readable): AsyncGenerator<Buffer | typeof tooLong> {
  let rest: Buffer[] = [];
  let held = 0;
  let skipping = false;
  const finish = (last: Buffer): Buffer | typeof tooLong => {
    const whole =
      skipping || held + last.length > maxLineBytes
        ? tooLong
        : rest.length
          ? Buffer.concat([...rest, last])
          : last;
    rest = [];
    held = 0;
    skipping = false;
    return whole;
  };
  // Destroying what is left of a file that is given up on would leave it in the way of the connection's next request.
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield finish(chunk.subarray(start, end));
      start = end + 1;
    }
    const tail = chunk.subarray(start);
    held += tail.length;
    if (held > maxLineBytes) {
      skipping = true;
      rest = [];
    } else if (tail.length) rest.push(tail);
  }
  if (held || skipping) yield finish(Buffer.alloc(0));
}

/** The first line of a file does not say what the cells of the others are. */
export class WrongHeader extends Error {
  /** `fields` says for each column what is wrong with it. */
  constructor(readonly fields: Readonly<Record<string, string>>) {
    super(Object.keys(fields).join(', '));
  }
}

const columns = new Set([
  'transactionId',
  'reason',
  'severity',
  'amount',
  'currency',
  'occurredAt',
  'source',
  'dueAt',
  'differences',
]);
const metadataPrefix = 'metadata.';

/** Members of every object in JavaScript, which a report in JSON cannot have either. */
const reservedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * CSV (RFC 4180) with a header of the same names; `differences` holds JSON, metadata has a column `metadata.<key>`
 * for each key, and an empty cell is an absent value. Lines end in CRLF or LF, each as it likes.
 */
export async function* csvLines(stream: Readable): AsyncGenerator<Line> {
  let header: readonly string[] | undefined;
  for await (const record of csvRecords(stream)) {
    if (!header) header = headerOf(record);
    else yield 'cells' in record ? csvLine(header, record.cells, record.line) : record;
  }
}

type CsvRecord = Readonly<{ line: number; cells: readonly string[] } | { line: number; problem: string }>;

function headerOf(record: CsvRecord): readonly string[] {
  if ('problem' in record) throw new WrongHeader({ header: record.problem });
  const seen = new Set<string>();
  const fields = record.cells.flatMap((name): [string, string][] => {
    const key = name.startsWith(metadataPrefix) ? name.slice(metadataPrefix.length) : '';
    const isKnown = columns.has(name) || (key !== '' && !reservedKeys.has(key));
    if (!isKnown) return [[name.slice(0, 100), 'is not a known column']];
    return seen.size === seen.add(name).size ? [[name, 'is there twice']] : [];
  });
  if (fields.length) throw new WrongHeader(Object.fromEntries(fields));
  return record.cells;
}

type NumberedLine = Readonly<{ line: number; bytes: Buffer | typeof tooLong }>;

/**
 * Records, each under the number of its first line. One that turns out to be broken costs that line alone: what it had
 * taken for its own because of an open quote is read again, so that one quote too many does not swallow a file.
 */
async function* csvRecords(stream: Readable): AsyncGenerator<CsvRecord> {
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

const tooLongProblem = `The line is longer than ${maxLineBytes} bytes.`;
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

function csvLine(header: readonly string[], record: readonly string[], line: number): Line {
  if (record.length !== header.length)
    return { line, problem: `The line has ${record.length} cells, the header has ${header.length}.` };
  const report: JsonObject = {};
  const metadata: JsonObject = {};
  for (const [i, name] of header.entries()) {
    const cell = record[i] ?? '';
    if (cell === '') continue;
    if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = cell;
    else if (name === 'differences') {
      const parsed = parseStrictJson(Buffer.from(cell));
      if (!parsed.ok) return { line, field: name, problem: parsed.problem };
      report[name] = parsed.value;
    } else report[name] = name === 'amount' ? new JsonNumber(cell) : cell;
  }
  const whole: JsonValue = Object.keys(metadata).length ? { ...report, metadata } : report;
  return { line, ...readReport(whole) };
}
