import type { Raise } from '../exception/report';
import { explain } from '../refusal';
import { BatchPipeline } from './batch-pipeline';
import type { ExceptionDesk } from './exception-desk';
import { excerpt, lineCode, maxBatchBytes, maxListed, unlisted } from './file-limits';
import type { CommandMeta } from './command-meta';

/** A line of an imported file, counted from 1: a report and its size in bytes, or why it is none. */
export type ReportLine = Readonly<
  { line: number; size: number; report: Raise } | { line: number; field?: string; problem: string }
>;

/** A line of an imported file that raised nothing, counted from 1: a code, and a sentence for a person. */
export type Rejection = Readonly<{ line: number; code: string; field?: string; message: string }>;

/** The result of an import. `received` is the sum of `raised`, `seenAgain` and `rejected`. */
export type ImportReport = Readonly<{
  received: number;
  raised: number;
  seenAgain: number;
  rejected: number;
  /** The first `maxListed` that were rejected, in the order of the file. */
  rejectedLines: readonly Rejection[];
  /** How many more were rejected than are listed; left out when none. */
  rejectedLinesNotListed?: number;
}>;

type Entry = Extract<ReportLine, { report: Raise }>;

/** Raises every good line of a file, in batches. Memory does not grow with the file. */
export class ImportDesk {
  constructor(
    private readonly desk: Pick<ExceptionDesk, 'raiseAll'>,
    /** Lines that are written together at most. */
    private readonly batchSize: number,
  ) {}

  /**
   * Raises the lines in batches, each in a unit of work of its own. When it throws, the batches before are committed;
   * the file may be sent again, since a repeated line counts as a sighting.
   */
  async raise(lines: AsyncIterable<ReportLine>, meta: CommandMeta): Promise<ImportReport> {
    const counts = { received: 0, raised: 0, seenAgain: 0, rejected: 0 };
    const rejectedLines: Rejection[] = [];
    const reject = (rejection: Rejection) => {
      counts.rejected++;
      if (rejectedLines.length < maxListed) rejectedLines.push(rejection);
    };
    const write = async (batch: readonly Entry[]) => {
      const outcomes = await this.desk.raiseAll(
        batch.map((entry) => entry.report),
        meta,
      );
      outcomes.forEach((outcome, i) => {
        if (outcome.ok) return outcome.value.basedOn === 0 ? counts.raised++ : counts.seenAgain++;
        const { refusal } = outcome;
        const code = lineCode(refusal);
        const field = 'field' in refusal ? { field: refusal.field } : {};
        return reject({ line: batch[i]?.line ?? 0, code, ...field, message: explain(refusal) });
      });
    };

    const pipeline = new BatchPipeline(write);
    try {
      let batch: Entry[] = [];
      let bytes = 0;
      for await (const entry of lines) {
        counts.received++;
        if (!('report' in entry)) {
          reject(rejectionOf(entry));
          continue;
        }
        batch.push(entry);
        bytes += entry.size;
        if (batch.length < this.batchSize && bytes < maxBatchBytes) continue;
        await pipeline.add(batch);
        batch = [];
        bytes = 0;
      }
      if (batch.length) await pipeline.add(batch);
      await pipeline.finish();
    } finally {
      // A caller may repeat the file as soon as this fails, and must not run into what is left of this import.
      await pipeline.settled();
    }
    rejectedLines.sort((a, b) => a.line - b.line);
    const more = unlisted(counts.rejected, rejectedLines.length);
    return { ...counts, rejectedLines, ...(more !== undefined && { rejectedLinesNotListed: more }) };
  }
}

/** The field may be a name of the sender's own making, of any length. */
function rejectionOf({ line, field, problem }: Extract<ReportLine, { problem: string }>): Rejection {
  const code = 'invalid_request';
  if (field === undefined) return { line, code, message: problem };
  const name = excerpt(field);
  return { line, code, field: name, message: problem.endsWith('.') ? problem : `${name} ${problem}.` };
}
