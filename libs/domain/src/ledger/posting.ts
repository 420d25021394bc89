import type { Direction } from '../exception/exception.lifecycle';
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

/**
 * What a ledger elsewhere is asked to book, frozen when it is reserved: each attempt sends the same under the same id,
 * which is that of the adjustment, or of the dispatch where nothing is posted.
 */
export type Posting = About &
  Readonly<
    | {
        type: 'adjustment';
        amount: Money;
        direction: Direction;
        effectiveAt: Timestamp;
        reasonCode: string;
        notes: string;
      }
    | {
        /** The opposite of an adjustment that was booked before. */
        type: 'reversal';
        reverses: string;
        amount: Money;
        direction: Direction;
        effectiveAt: Timestamp;
        reasonCode: string;
        notes: string;
      }
    | { type: 'forced_match'; overrideReason: string; notes: string }
  >;
