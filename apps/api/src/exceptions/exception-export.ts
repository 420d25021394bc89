import { Readable } from 'node:stream';
import type { ReconException, Page, Position } from '@redress/domain';
import { csvRecord, neutral } from '../http/csv-escape';
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

type Cell = (exception: ReconException) => string | number | undefined;
const toFill: Cell = () => '';

/**
 * The columns of the file. `assignee`, `resolution` and `reason`, which is that of the resolution, are for editing;
 * so the reason why it was raised goes by another name.
 */
const columns: Readonly<Record<string, Cell>> = {
  id: ({ id }) => id,
  version: ({ version }) => version,
  status: ({ status }) => status,
  severity: ({ severity }) => severity,
  transactionId: ({ transactionId }) => transactionId,
  exceptionReason: ({ reason }) => reason,
  amount: ({ amount }) => amount?.amount,
  currency: ({ amount }) => amount?.currency,
  source: ({ source }) => source,
  occurredAt: ({ occurredAt }) => occurredAt,
  dueAt: ({ dueAt }) => dueAt,
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
  assignee: ({ assignedTo }) => assignedTo,
  externalSystem: ({ externalSystem }) => externalSystem,
  externalIssueId: ({ externalIssueId }) => externalIssueId,
  resolutionType: ({ resolutionType }) => resolutionType,
  resolutionReason: ({ resolutionReason }) => resolutionReason,
  resolutionNotes: ({ resolutionNotes }) => resolutionNotes,
  resolution: toFill,
  reason: toFill,
};
const cells = Object.values(columns);

export const exportHeader = Object.keys(columns).join(',');

/** How each format begins, and how it writes an exception. */
const written: Readonly<Record<ExportFormat, { head: string; line: (exception: ReconException) => string }>> =
  {
    csv: {
      head: `${exportHeader}\r\n`,
      line: (exception) => csvRecord(cells.map((cell) => neutral(String(cell(exception) ?? '')))),
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
  const text = ({ items }: Page<ReconException>) => items.map(line).join('');
  const first = await readPage(undefined);
  async function* pages() {
    yield head + text(first);
    for (let { next } = first; next;) {
      const page = await readPage(next);
      yield text(page);
      ({ next } = page);
    }
  }
  return Readable.from(pages(), { objectMode: false });
}
