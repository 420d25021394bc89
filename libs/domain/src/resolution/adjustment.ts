import type { ApprovedProposal } from './approval';
import type { Direction } from './commands';
import type { Money } from '../value/money';
import type { Timestamp } from '../value/timestamp';

/** A posting that corrects the books; never updated, never deleted. */
export type Adjustment = Readonly<{
  id: string;
  exceptionId: string;
  amount: Money;
  direction: Direction;
  effectiveAt: Timestamp;
  reasonCode: string;
  notes: string;
  createdBy: string;
  createdAt: Timestamp;
  /** Its proposer and its approvers, where it needed approval. */
  approval?: ApprovedProposal;
  /** Of a reversal: the adjustment that it reverses. */
  reverses?: string;
}>;
