import type { Readable } from 'node:stream';
import { WrongFile } from '../lines/file-chunks';
import { csvRecords, isEmptyRecord, type CsvCells } from './csv-reader';

/** How a CSV file with a header is read. */
type Table<Line> = Readonly<{
  /** The names of the columns. Throws `WrongFile` where they cannot be used. */
  headerOf: (record: CsvCells) => readonly string[];
  lineOf: (header: readonly string[], record: CsvCells) => Line;
}>;

/** The lines behind the header of a CSV file, but for empty ones. A record that is wrong is a line with a problem. */
export async function* csvTable<Line>(
  stream: Readable,
  { headerOf, lineOf }: Table<Line>,
): AsyncGenerator<Line | Readonly<{ line: number; problem: string }>> {
  let header: readonly string[] | undefined;
  for await (const records of csvRecords(stream))
    for (const record of records) {
      if ('problem' in record) {
        if (!header) throw new WrongFile({ header: record.problem });
        yield { line: record.line, problem: record.problem };
      } else if (isEmptyRecord(record.cells)) continue;
      else if (header) yield lineOf(header, record);
      else header = headerOf(record);
    }
}
