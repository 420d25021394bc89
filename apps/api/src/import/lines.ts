import type { Readable } from 'node:stream';
import { parse, type CsvError, type Info } from 'csv-parse';
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
    if (bytes === tooLong) yield { line, problem: `The line is longer than ${maxLineBytes} bytes.` };
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
  for await (const chunk of stream as AsyncIterable<Buffer>) {
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

/** The header names columns that a report has not. */
export class UnknownColumns extends Error {
  constructor(readonly columns: readonly string[]) {
    super(columns.join(', '));
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

/**
 * CSV (RFC 4180) with a header of the same names; `differences` holds JSON, metadata has a column `metadata.<key>`
 * for each key, and an empty cell is an absent value.
 */
export async function* csvLines(stream: Readable): AsyncGenerator<Line> {
  const skipped: Line[] = [];
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maxLineBytes,
  });
  parser.on('skip', (error: CsvError & { lines?: number }) =>
    skipped.push({ line: error.lines ?? 0, problem: `The line is no CSV: ${error.message}.` }),
  );
  stream.once('error', (error) => parser.destroy(error));
  let header: readonly string[] | undefined;
  for await (const { record, info } of stream.pipe(parser) as AsyncIterable<{
    record: string[];
    info: Info;
  }>) {
    yield* skipped.splice(0);
    if (header) yield csvLine(header, record, firstLineOf(record, info));
    else header = headerOf(record);
  }
  yield* skipped.splice(0);
}

function headerOf(record: readonly string[]): readonly string[] {
  const unknown = record.filter(
    (name) => !columns.has(name) && !(name.startsWith(metadataPrefix) && name.length > metadataPrefix.length),
  );
  if (unknown.length) throw new UnknownColumns(unknown);
  return record;
}

/** The parser tells the last line of a record, people look for the first. */
const firstLineOf = (record: readonly string[], { lines }: Info): number =>
  lines - record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);

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
