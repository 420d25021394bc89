import { explain, type CommandMeta, type ExceptionDesk, type Raise } from '@redress/domain';
import { Flights } from './batch-pipeline';
import { maxBatchBytes, maxListed, excerpt, unlisted } from './limits';
import type { Line } from './report-lines';

export type Rejection = Readonly<{ line: number; code: string; field?: string; message: string }>;

export type ImportReport = {
  received: number;
  raised: number;
  seenAgain: number;
  rejected: number;
  rejectedLines: Rejection[];
  /** How many more were rejected than are listed; left out when none. */
  rejectedLinesNotListed?: number;
};

type Entry = Readonly<{ line: number; report: Raise }>;

/** Raises every good line of a file, in batches, and tells what became of each; memory does not grow with the file. */
export class Importer {
  constructor(
    private readonly desk: ExceptionDesk,
    private readonly batchSize: number,
  ) {}

  async raise(lines: AsyncIterable<Line>, meta: CommandMeta): Promise<ImportReport> {
    const report: ImportReport = { received: 0, raised: 0, seenAgain: 0, rejected: 0, rejectedLines: [] };
    const reject = (rejection: Rejection) => {
      report.rejected++;
      if (report.rejectedLines.length < maxListed) report.rejectedLines.push(rejection);
    };
    const write = async (batch: readonly Entry[]) => {
      const outcomes = await this.desk.raiseAll(
        batch.map((entry) => entry.report),
        meta,
      );
      outcomes.forEach((outcome, i) => {
        if (outcome.ok) return outcome.value.basedOn === 0 ? report.raised++ : report.seenAgain++;
        const { refusal } = outcome;
        const code = refusal.code === 'invalid_value' ? 'invalid_request' : refusal.code;
        const field = 'field' in refusal ? { field: refusal.field } : {};
        return reject({ line: batch[i]?.line ?? 0, code, ...field, message: explain(refusal) });
      });
    };

    const flights = new Flights(write);
    try {
      let batch: Entry[] = [];
      let bytes = 0;
      for await (const entry of lines) {
        report.received++;
        if (!('report' in entry)) {
          reject(rejectionOf(entry));
          continue;
        }
        batch.push(entry);
        bytes += entry.size;
        if (batch.length < this.batchSize && bytes < maxBatchBytes) continue;
        await flights.start(batch);
        batch = [];
        bytes = 0;
      }
      if (batch.length) await flights.start(batch);
      await flights.landed();
    } finally {
      // Whoever hears of a failure may repeat the file at once, and must not meet what is left of this.
      await flights.over();
    }
    report.rejectedLines.sort((a, b) => a.line - b.line);
    const more = unlisted(report.rejected, report.rejectedLines.length);
    return { ...report, ...(more !== undefined && { rejectedLinesNotListed: more }) };
  }
}

/** A field may be a name of the sender's own making. */
function rejectionOf({ line, field, problem }: Extract<Line, { problem: string }>): Rejection {
  const code = 'invalid_request';
  if (field === undefined) return { line, code, message: problem };
  const name = excerpt(field);
  return { line, code, field: name, message: problem.endsWith('.') ? problem : `${name} ${problem}.` };
}
