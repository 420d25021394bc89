import type { Readable } from 'node:stream';
import { readAmountCell, type ReportLine } from '@redress/domain/bulk';
import { lineLimits } from '../json/json-limits';
import { readReport } from './report-reader';
import { JsonNumber, type JsonObject, type JsonValue } from '../json/json-value';
import { parseStrictJson } from '../json/strict-json';
import { fitted, headerCells, notUtf8, type CsvCells } from '../csv/csv-reader';
import { csvTable } from '../csv/csv-table';
import { EventLoopTurn } from '../lines/event-loop-turn';
import { WrongFile } from '../lines/file-chunks';
import { isBlank, splitLines, tooLong, tooLongProblem } from '../lines/split-lines';

/** Newline-delimited JSON: one report a line, blank lines skipped. */
export async function* ndjsonLines(stream: Readable): AsyncGenerator<ReportLine> {
  let line = 0;
  const turn = new EventLoopTurn();
  for await (const lines of splitLines(stream))
    for (const bytes of lines) {
      line++;
      if (bytes === tooLong) yield { line, problem: tooLongProblem };
      else if (!isBlank(bytes)) yield lineOf(line, bytes.length, parseStrictJson(bytes, lineLimits));
      const pause = turn.due();
      if (pause) await pause;
    }
}

type Parsed = ReturnType<typeof parseStrictJson>;

function lineOf(line: number, size: number, parsed: Parsed): ReportLine {
  if (!parsed.ok)
    return { line, ...(parsed.path !== undefined && { field: parsed.path }), problem: parsed.problem };
  return { line, size, ...readReport(parsed.value) };
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
 * for each key, and an empty cell is an absent value. Lines end in CRLF or LF, each as it likes. Instead of the comma
 * the header may have semicolons or tabs. A line of empty cells is none.
 */
export const csvLines = (stream: Readable): AsyncGenerator<ReportLine> =>
  csvTable(stream, { headerOf, lineOf: csvLine });

function headerOf(record: CsvCells): readonly string[] {
  const seen = new Set<string>();
  const names = headerCells(record.cells);
  const fields = names.flatMap((name): [string, string][] => {
    const key = name.startsWith(metadataPrefix) ? name.slice(metadataPrefix.length) : '';
    const isKnown = columns.has(name) || (key !== '' && !reservedKeys.has(key));
    if (!isKnown) return [[name.slice(0, 100), 'is not a known column']];
    return seen.size === seen.add(name).size ? [[name, 'is there twice']] : [];
  });
  if (fields.length) throw new WrongFile(Object.fromEntries(fields));
  return names;
}

function csvLine(header: readonly string[], record: CsvCells): ReportLine {
  const { line, size, separator } = record;
  const read = fitted(record, header);
  if ('problem' in read) return { line, problem: read.problem };
  if (record.encoding) return { line, problem: notUtf8 };
  const report: JsonObject = {};
  const metadata: JsonObject = {};
  for (const [i, name] of header.entries()) {
    const cell = read.cells[i] ?? '';
    if (cell === '') continue;
    if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = cell;
    else if (name === 'differences') {
      const parsed = parseStrictJson(Buffer.from(cell), lineLimits);
      if (!parsed.ok) return { line, field: name, problem: parsed.problem };
      report[name] = parsed.value;
    } else if (name === 'amount') {
      const given = readAmountCell(cell, separator);
      if ('problem' in given) return { line, field: name, problem: given.problem };
      report[name] = new JsonNumber(given.amount);
    } else report[name] = cell;
  }
  const whole: JsonValue = Object.keys(metadata).length ? { ...report, metadata } : report;
  return { line, size, ...readReport(whole) };
}
