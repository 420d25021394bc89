import type { Readable } from 'node:stream';
import {
  exportColumns,
  readEdit,
  type EditedCells,
  type EditLine,
  type ExportColumn,
} from '@redress/domain/bulk';
import { originalText } from '../csv/csv-cell';
import { fitted, headerCells, notUtf8, type CsvCells } from '../csv/csv-reader';
import { csvTable } from '../csv/csv-table';
import { WrongFile } from '../lines/file-chunks';

const known = Object.keys(exportColumns) as readonly ExportColumn[];
/** Without them no line says what it is about. Together with one to edit they are all that a file needs. */
const required: readonly ExportColumn[] = ['id', 'version'];

/** Reads the edits in a CSV file that the export wrote and a user changed. Columns of other names are passed over. */
export const editLines = (stream: Readable): AsyncGenerator<EditLine> =>
  csvTable(stream, { headerOf, lineOf: editLine });

function headerOf(record: CsvCells): readonly string[] {
  const cells = headerCells(record.cells);
  const missing = required.filter((name) => !cells.includes(name));
  const twice = known.filter((name) => cells.filter((cell) => cell === name).length > 1);
  const fields = [
    ...missing.map((name) => [name, 'is a column that must be there']),
    ...twice.map((name) => [name, 'is there twice']),
  ];
  if (fields.length) throw new WrongFile(Object.fromEntries(fields) as Record<string, string>);
  return cells;
}

function editLine(header: readonly string[], record: CsvCells): EditLine {
  const { line, size } = record;
  const read = fitted(record, header);
  if ('problem' in read) return { line, problem: read.problem };
  const cells: { -readonly [Column in keyof EditedCells]: string } = {};
  for (const name of known) {
    const at = header.indexOf(name);
    if (at >= 0) cells[name] = originalText(read.cells[at] ?? '');
  }
  return readEdit(line, size, cells, record.encoding && notUtf8);
}
