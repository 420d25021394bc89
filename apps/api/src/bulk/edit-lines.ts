import type { Readable } from 'node:stream';
import type { ExceptionCommand, Order, ReconException } from '@redress/domain';
import { original } from '../http/csv-escape';
import { csvRecords, WrongHeader, type CsvRecord } from './csv-reader';
import { excerpt } from './limits';

/** One line of an exported file that came back: what to do with its exception, or why nothing can be. */
export type EditLine = Readonly<
  | { line: number; size: number; order: Order; resolves: boolean }
  | { line: number; exceptionId?: string; problem: string }
>;

/** Columns that are read back; whatever else an export has is there for people. */
const editable = ['id', 'version', 'assignee', 'resolution', 'reason'] as const;
const uuidLength = 36;
type Cells = Partial<Record<(typeof editable)[number], string>>;

/** Reads a file as the export wrote it and somebody edited it. */
export async function* editLines(stream: Readable): AsyncGenerator<EditLine> {
  let header: readonly string[] | undefined;
  for await (const record of csvRecords(stream)) {
    if ('problem' in record) {
      if (!header) throw new WrongHeader({ header: record.problem });
      yield { line: record.line, problem: record.problem };
    } else if (header) yield editLine(header, record);
    else header = headerOf(record.cells);
  }
}

function headerOf(cells: readonly string[]): readonly string[] {
  const missing = ['id', 'version'].filter((name) => !cells.includes(name));
  const twice = editable.filter((name) => cells.filter((cell) => cell === name).length > 1);
  const fields = [
    ...missing.map((name) => [name, 'is a column that must be there']),
    ...twice.map((name) => [name, 'is there twice']),
  ];
  if (fields.length) throw new WrongHeader(Object.fromEntries(fields) as Record<string, string>);
  return cells;
}

function editLine(
  header: readonly string[],
  { cells: record, line, size }: Extract<CsvRecord, { cells: unknown }>,
): EditLine {
  if (record.length !== header.length) {
    return { line, problem: `The line has ${record.length} cells, the header has ${header.length}.` };
  }
  const cells: Cells = {};
  for (const name of editable) {
    const at = header.indexOf(name);
    if (at >= 0) cells[name] = original(record[at] ?? '');
  }
  const { id = '', version = '', resolution = '' } = cells;
  if (id.length > uuidLength) {
    return { line, exceptionId: excerpt(id), problem: 'The id must be the UUID that was exported.' };
  }
  if (!/^[1-9][0-9]{0,8}$/.test(version)) {
    return { line, exceptionId: id, problem: 'The version must be the number that was exported.' };
  }
  const order = { id, expectedVersion: Number(version), commands: commandsFor(cells) };
  return { line, size, order, resolves: resolution !== '' };
}

/** A resolution resolves; otherwise a changed assignee assigns, an emptied one unassigns, and the rest is as it was. */
const commandsFor =
  ({ assignee, resolution = '', reason = '' }: Cells) =>
  (exception: ReconException): readonly ExceptionCommand[] => {
    if (resolution) return [{ type: 'resolve', resolution, ...(reason && { reason }) }];
    if (assignee === undefined || assignee === (exception.assignedTo ?? '')) return [];
    return assignee === '' ? [{ type: 'unassign' }] : [{ type: 'assign', assignee }];
  };
