import type { HistoryEvent } from '@redress/domain';
import { was } from './commit';
import { genesis, historyRow, type Head } from './history-chain';
import type { Row } from '../entities/entity-schemas';

/** Where a history ended when its exception was loaded, and where it ends after what was saved. */
type Ends = { readonly stored: Head; now: Head };

/** The histories of the exceptions of one unit of work, and the lines it adds to them. */
export class Histories {
  readonly lines: Row[] = [];
  private readonly ends = new Map<string, Ends>();

  constructor(private readonly tenant: string) {}

  /** The exception is new. */
  begin(exceptionId: string): void {
    this.ends.set(exceptionId, { stored: genesis, now: genesis });
  }

  /** The exception was loaded, and its end along with it. */
  resume(exceptionId: string, row: Row): void {
    const head: Head = { seq: row['history_seq'] as number, hash: row['history_head'] as Buffer };
    this.ends.set(exceptionId, { stored: head, now: head });
  }

  has(exceptionId: string): boolean {
    return this.ends.has(exceptionId);
  }

  append(exceptionId: string, events: readonly HistoryEvent[]): void {
    const ends = this.of(exceptionId);
    for (const event of events) {
      const line = historyRow(this.tenant, ends.now, event);
      ends.now = line;
      this.lines.push(line);
    }
  }

  of(exceptionId: string): Ends {
    const ends = this.ends.get(exceptionId);
    if (!ends) throw new Error(`there is no exception ${exceptionId} whose history could go on`);
    return ends;
  }

  /** Whether anything was added to it. */
  hasGrown(exceptionId: string): boolean {
    const { stored, now } = this.of(exceptionId);
    return now.seq > stored.seq;
  }

  /** How an exception is updated of which nothing but the end of the history moves. */
  guarded(exceptionId: string): Row {
    const { stored, now } = this.of(exceptionId);
    return {
      id: exceptionId,
      history_seq: now.seq,
      history_head: now.hash,
      [was('history_seq')]: stored.seq,
    };
  }
}
