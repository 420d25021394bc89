import type { Direction, ForceMatch } from '../resolution/commands';
import type { Residual } from '../resolution/residual';
import type { Money } from '../value/money';
import type { Timestamp } from '../value/timestamp';

/** The facts of every posting: its exception, and the people who answer for it. */
export type PostingSubject = Readonly<{
  exceptionId: string;
  transactionId: string;
  /** The reason and the source of the exception. */
  reason: string;
  source?: string;
  requestedBy: string;
  requestedAt: Timestamp;
  /** The approvers. */
  approvedBy?: readonly string[];
}>;

/** The entry that a posting books. */
export type BookedEntry = Readonly<{
  amount: Money;
  direction: Direction;
  effectiveAt: Timestamp;
  reasonCode: string;
  notes: string;
}>;

/**
 * A request to an external ledger, frozen when it is reserved: each attempt sends the same, under the same id. The posting
 * of an adjustment has the id of the adjustment.
 */
export type Posting = PostingSubject &
  (
    | (Readonly<{ type: 'adjustment' }> & BookedEntry)
    /** The opposite of an earlier adjustment. `reopenedAs`: the exception that it opened; not sent. */
    | (Readonly<{ type: 'reversal'; reverses: string; reopenedAs?: string }> & BookedEntry)
    /** The exact counterparts and their residuals. */
    | (Readonly<{ type: 'forced_match'; residuals?: readonly Residual[] }> &
        Omit<ForceMatch, 'type' | 'acceptResidual'>)
  );
