import type { Context } from '../change';
import type { Policy } from '../exception/policy';
import type { Result } from '../result';
import type { ExceptionChange } from '../exception/exception.change';
import { raise, seeAgain } from '../exception/raise';
import type { Raise } from '../exception/report';
import type { ReconException } from '../exception/recon-exception';

/** Reports that are raised together: one that meets an earlier one of its batch counts as seen again, too. */
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

  meet(report: Raise): Result<ExceptionChange> {
    const identity = identityOf(report);
    const known = this.states.get(identity);
    const outcome = known
      ? seeAgain(known, report, this.ctx, this.policy)
      : raise(report, this.ctx, this.policy);
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
   * One change for each exception, however often it was reported; in the order of what tells them apart, so that two
   * batches which meet in a store wait for each other in turn and not in a circle.
   */
  changes(): readonly ExceptionChange[] {
    return [...this.merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
  }
}

/** One text for what tells one unresolved exception of a tenant from another. */
export const identityOf = ({
  transactionId,
  reason,
}: Pick<ReconException, 'transactionId' | 'reason'>): string => `${transactionId.toLowerCase()} ${reason}`;
