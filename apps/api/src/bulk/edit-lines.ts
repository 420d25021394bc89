import type { Readable } from 'node:stream';
import { editableColumns, readEdit, type EditedCells, type EditLine } from '@redress/domain/bulk';
import { original } from '../http/csv-escape';
import { csvRecords, WrongHeader, type CsvRecord } from './csv-reader';

/** Reads the edits in a CSV file that the export wrote and a user changed. */
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
  const twice = editableColumns.filter((name) => cells.filter((cell) => cell === name).length > 1);
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
  const cells: { -readonly [Column in keyof EditedCells]: string } = {};
  for (const name of editableColumns) {
    const at = header.indexOf(name);
    if (at >= 0) cells[name] = original(record[at] ?? '');
  }
  return readEdit(line, size, cells);
}
