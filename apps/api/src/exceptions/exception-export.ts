import { Readable } from 'node:stream';
import type { ReconException, Page, Position } from '@redress/domain';
import { exportColumns } from '@redress/domain/bulk';
import { byteOrderMark, csvRecord, EventLoopTurn, neutralCell } from '@redress/formats';
import { exceptionBody } from '../exception-dto/exception.presenter';

export const exportTypes = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;
export type ExportFormat = keyof typeof exportTypes;
export const exportFormats = Object.keys(exportTypes) as readonly ExportFormat[];

/** Of the two, the one that an Accept header prefers; CSV when it does not care. */
export function preferredFormat(accept = ''): ExportFormat {
  const weights = accept.split(',').map((range): [type: string, weight: number] => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return [type, Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1) || 0];
  });
  const weight = (wanted: string) => weights.find(([type]) => type === wanted)?.[1] ?? 0;
  return weight(exportTypes.ndjson) > weight(exportTypes.csv) ? 'ndjson' : 'csv';
}

const cells = Object.values(exportColumns);
export const exportHeader = Object.keys(exportColumns).join(',');

/** How each format begins, and how it writes an exception. */
const written: Readonly<Record<ExportFormat, { head: string; line: (exception: ReconException) => string }>> =
  {
    csv: {
      head: `${byteOrderMark}${exportHeader}\r\n`,
      line: (exception) => csvRecord(cells.map((cell) => neutralCell(cell(exception) ?? ''))),
    },
    ndjson: { head: '', line: (exception) => `${JSON.stringify(exceptionBody(exception))}\n` },
  };

/** Reads the page that begins there. */
type ReadPage = (position: Position | undefined) => Promise<Page<ReconException>>;

/**
 * The file as a stream. A page is read when the one before has been taken, so a slow reader costs neither memory nor a
 * connection, and after one that went away nothing is read any more. The first page is read before the answer begins:
 * its failure can still be answered with a status.
 */
export async function exportStream(format: ExportFormat, readPage: ReadPage): Promise<Readable> {
  const { head, line } = written[format];
  const first = await readPage(undefined);
  async function* pages() {
    const turn = new EventLoopTurn();
    let text = head;
    for (let page = first; ; page = await readPage(page.next)) {
      for (const item of page.items) {
        text += line(item);
        const pause = turn.due();
        if (pause) await pause;
      }
      yield text;
      text = '';
      if (!page.next) return;
    }
  }
  return Readable.from(pages(), { objectMode: false });
}
