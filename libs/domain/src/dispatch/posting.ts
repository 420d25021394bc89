import type { Direction, ForceMatch } from '../resolution/commands';
import type { Residual } from '../resolution/residual';
import type { Money } from '../value/money';
import type { Timestamp } from '../value/timestamp';

/** What every posting says: what it is about, and who answers for it. */
type About = Readonly<{
  exceptionId: string;
  transactionId: string;
  /** Why it could not be reconciled, and where it was reported from. */
  reason: string;
  source?: string;
  requestedBy: string;
  requestedAt: Timestamp;
  /** The others who had to agree. */
  approvedBy?: readonly string[];
}>;

type Booked = Readonly<{
  amount: Money;
  direction: Direction;
  effectiveAt: Timestamp;
  reasonCode: string;
  notes: string;
}>;

/**
 * What a ledger elsewhere is asked to book, frozen when it is reserved: each attempt sends the same, under the same id.
 * That of an adjustment is the id of the adjustment.
 */
export type Posting = About &
  (
    | (Readonly<{ type: 'adjustment' }> & Booked)
    /** The opposite of an adjustment that was booked before. */
    | (Readonly<{ type: 'reversal'; reverses: string }> & Booked)
    /** What it matches, to the digit, and what that leaves. */
    | (Readonly<{ type: 'forced_match'; residuals?: readonly Residual[] }> &
        Omit<ForceMatch, 'type' | 'acceptResidual'>)
  );
