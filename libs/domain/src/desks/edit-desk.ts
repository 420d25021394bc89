import { explain } from '../refusal';
import { ok, type Result } from '../result';
import type { EditLine } from './edit-line';
import type { ExceptionDesk } from './exception-desk';
import { lineCode, maxBatchBytes, maxListed, unlisted } from './file-limits';
import type { CommandMeta } from './command-meta';

/** A line of an edited export that failed, counted from 1: the refusal code, and a sentence for a person. */
export type EditFailure = Readonly<{ line: number; exceptionId?: string; code: string; error: string }>;

/** The result of applying an edited export. `received` is the sum of `changed`, `unchanged` and `failed`. */
export type EditReport = Readonly<{
  received: number;
  changed: number;
  /** How many of the changed await approval now; left out when none. */
  proposed?: number;
  unchanged: number;
  failed: number;
  /** The first `maxListed` that failed, in the order of the file. */
  failures: readonly EditFailure[];
  /** How many more failed than are listed; left out when none. */
  failuresNotListed?: number;
}>;

/** Carries out what an edited export says, in batches. Memory does not grow with the file. */
export class EditDesk {
  constructor(
    private readonly desk: Pick<ExceptionDesk, 'handleEach'>,
    /** Lines that are carried out together at most. */
    private readonly batchSize: number,
  ) {}

  /**
   * Applies the lines. `mayNotResolve`: lines that resolve fail with this, because the caller lacks the permission.
   * Only a refusal of a whole batch ends the file early, and what was applied before stays applied.
   */
  async apply(
    lines: AsyncIterable<EditLine>,
    meta: CommandMeta,
    mayNotResolve?: Pick<EditFailure, 'code' | 'error'>,
  ): Promise<Result<EditReport>> {
    const counts = { received: 0, changed: 0, unchanged: 0, failed: 0 };
    let proposed = 0;
    const failures: EditFailure[] = [];
    const fail = (failure: EditFailure) => {
      counts.failed++;
      if (failures.length < maxListed) failures.push(failure);
    };
    /** By exception, because one unit of work changes an exception once. */
    let batch = new Map<string, Extract<EditLine, { order: unknown }>>();
    let bytes = 0;
    const carryOut = async (): Promise<Result<void>> => {
      const entries = [...batch.values()];
      batch = new Map();
      bytes = 0;
      const outcome = await this.desk.handleEach(
        entries.map(({ order }) => order),
        meta,
      );
      if (!outcome.ok) return outcome;
      outcome.value.forEach(({ id, outcome: each }, i) => {
        const line = entries[i]?.line ?? 0;
        if (!each.ok)
          fail({ line, exceptionId: id, code: lineCode(each.refusal), error: explain(each.refusal) });
        else if (each.value.events.length) counts.changed++;
        else counts.unchanged++;
        if (each.ok && each.value.events.length && each.value.state.pending === 'approval') proposed++;
      });
      return ok(undefined);
    };

    for await (const entry of lines) {
      counts.received++;
      if ('problem' in entry) fail({ ...about(entry), code: 'invalid_request', error: entry.problem });
      else if (entry.resolves && mayNotResolve) fail({ ...about(entry), ...mayNotResolve });
      else if (batch.has(entry.order.id.toLowerCase()))
        fail({ ...about(entry), code: 'invalid_request', error: twice });
      else {
        batch.set(entry.order.id.toLowerCase(), entry);
        bytes += entry.size;
      }
      if (batch.size < this.batchSize && bytes < maxBatchBytes) continue;
      const done = await carryOut();
      if (!done.ok) return done;
    }
    const done = batch.size ? await carryOut() : ok(undefined);
    if (!done.ok) return done;
    failures.sort((a, b) => a.line - b.line);
    const more = unlisted(counts.failed, failures.length);
    const { received, changed, unchanged, failed } = counts;
    return ok({
      ...{ received, changed, unchanged, failed, failures },
      ...(proposed > 0 && { proposed }),
      ...(more !== undefined && { failuresNotListed: more }),
    });
  }
}

const twice = 'The exception is in the file twice; the first line counts.';

const about = (entry: EditLine): { line: number; exceptionId?: string } => {
  const exceptionId = 'order' in entry ? entry.order.id : entry.exceptionId;
  return { line: entry.line, ...(exceptionId !== undefined && { exceptionId }) };
};
