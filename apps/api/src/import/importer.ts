import { explain, type CommandMeta, type ExceptionDesk, type Raise } from '@redress/domain';
import { Flights } from './flights';
import type { Line } from './report-lines';

export type Rejection = Readonly<{ line: number; code: string; field?: string; message: string }>;

export type ImportReport = {
  received: number;
  raised: number;
  seenAgain: number;
  rejected: number;
  rejectedLines: Rejection[];
};

/** A file may be all wrong and of any size; what is told about it is bounded. */
const maxRejectionsTold = 1000;

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
      if (report.rejectedLines.length < maxRejectionsTold) report.rejectedLines.push(rejection);
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
      for await (const entry of lines) {
        report.received++;
        if ('report' in entry) batch.push(entry);
        else
          reject({
            line: entry.line,
            code: 'invalid_request',
            ...(entry.field !== undefined && { field: entry.field }),
            message: sentence(entry),
          });
        if (batch.length < this.batchSize) continue;
        await flights.start(batch);
        batch = [];
      }
      if (batch.length) await flights.start(batch);
      await flights.landed();
    } finally {
      // Whoever hears of a failure may repeat the file at once, and must not meet what is left of this.
      await flights.over();
    }
    report.rejectedLines.sort((a, b) => a.line - b.line);
    return report;
  }
}

const sentence = ({ field, problem }: { field?: string; problem: string }): string =>
  problem.endsWith('.') || field === undefined ? problem : `${field} ${problem}.`;
