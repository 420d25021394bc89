import type { Context } from '../change';
import type { Policy } from '../exception/policy';
import type { Result } from '../result';
import type { ExceptionChange } from '../exception/exception.change';
import { raise, recordSighting } from '../exception/raise';
import { identityOf } from '../exception/identity';
import type { Raise } from '../exception/report';
import type { ReconException } from '../exception/recon-exception';

/** Reports that are raised together: a repeated identity within the batch counts as another sighting, too. */
export class Batch {
  private readonly states = new Map<string, ReconException>();
  private readonly merged = new Map<string, ExceptionChange>();

  constructor(
    known: readonly ReconException[],
    private readonly ctx: Context,
    private readonly policy: Policy,
  ) {
    for (const exception of known) this.states.set(identityOf(exception), exception);
  }

  add(report: Raise): Result<ExceptionChange> {
    const identity = identityOf(report);
    const known = this.states.get(identity);
    const outcome =
      known && known.status !== 'RESOLVED'
        ? recordSighting(known, report, this.ctx, this.policy)
        : raise(report, this.ctx, this.policy, known?.id);
    if (outcome.ok) {
      const { state, events } = outcome.value;
      const earlier = this.merged.get(identity);
      this.states.set(identity, state);
      this.merged.set(
        identity,
        earlier ? { ...earlier, state, events: [...earlier.events, ...events] } : outcome.value,
      );
    }
    return outcome;
  }

  /**
   * One change for each exception, however often it was reported. They are sorted by identity, so that two batches lock
   * the same rows in the same order and cannot deadlock.
   */
  changes(): readonly ExceptionChange[] {
    return [...this.merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
  }
}
