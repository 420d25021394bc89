import { explain, type CommandMeta, type ExceptionDesk } from '@redress/domain';
import type { EditLine } from './edit-lines';
import { maxBatchBytes, maxListed, unlisted } from './limits';

export type EditFailure = Readonly<{ line: number; exceptionId?: string; code: string; error: string }>;

export type EditReport = {
  received: number;
  changed: number;
  /** Those of them that await approval now; left out when there are none. */
  proposed?: number;
  unchanged: number;
  failed: number;
  /** The first of them. */
  failures: EditFailure[];
  /** How many more failed than are listed; left out when none. */
  failuresNotListed?: number;
};

/** Carries out what an edited file says, in batches; memory does not grow with the file. */
export class EditDesk {
  constructor(
    private readonly desk: ExceptionDesk,
    private readonly batchSize: number,
  ) {}

  async apply(lines: AsyncIterable<EditLine>, meta: CommandMeta, mayResolve: boolean): Promise<EditReport> {
    const report: EditReport = { received: 0, changed: 0, unchanged: 0, failed: 0, failures: [] };
    const fail = (failure: EditFailure) => {
      report.failed++;
      if (report.failures.length < maxListed) report.failures.push(failure);
    };
    /** By exception, since one unit of work changes it once. */
    let batch = new Map<string, Extract<EditLine, { order: unknown }>>();
    let bytes = 0;
    const carryOut = async () => {
      const entries = [...batch.values()];
      batch = new Map();
      bytes = 0;
      const outcome = await this.desk.handleEach(
        entries.map(({ order }) => order),
        meta,
      );
      if (!outcome.ok) throw new Error(explain(outcome.refusal));
      outcome.value.forEach(({ id, outcome: each }, i) => {
        const line = entries[i]?.line ?? 0;
        if (!each.ok) fail({ line, exceptionId: id, code: each.refusal.code, error: explain(each.refusal) });
        else if (each.value.events.length) report.changed++;
        else report.unchanged++;
        if (each.ok && each.value.events.length && each.value.state.pending === 'approval')
          report.proposed = (report.proposed ?? 0) + 1;
      });
    };

    for await (const entry of lines) {
      report.received++;
      if ('problem' in entry) fail({ ...about(entry), code: 'invalid_request', error: entry.problem });
      else if (entry.resolves && !mayResolve)
        fail({ ...about(entry), code: 'insufficient_scope', error: needsScope });
      else if (batch.has(entry.order.id.toLowerCase()))
        fail({ ...about(entry), code: 'invalid_request', error: twice });
      else {
        batch.set(entry.order.id.toLowerCase(), entry);
        bytes += entry.size;
      }
      if (batch.size >= this.batchSize || bytes >= maxBatchBytes) await carryOut();
    }
    if (batch.size) await carryOut();
    report.failures.sort((a, b) => a.line - b.line);
    const more = unlisted(report.failed, report.failures.length);
    return { ...report, ...(more !== undefined && { failuresNotListed: more }) };
  }
}

const needsScope = 'To resolve it needs the scope exception:resolve.';
const twice = 'The exception is in the file twice; the first line counts.';

const about = (entry: EditLine): { line: number; exceptionId?: string } => {
  const exceptionId = 'order' in entry ? entry.order.id : entry.exceptionId;
  return { line: entry.line, ...(exceptionId !== undefined && { exceptionId }) };
};
