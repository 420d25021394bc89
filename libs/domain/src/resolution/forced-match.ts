import type { ApprovedProposal } from './approval';
import type { ForceMatch } from './commands';
import type { Money } from '../value/money';
import type { Proposal } from './proposal';
import { ok, refuse, type Result } from '../result';
import type { Timestamp } from '../value/timestamp';
import { exactly, ownTransaction, type Counterpart } from './counterpart';
import { isBeyondTolerance, residualsOf, type Residual, type ResidualTolerance } from './residual';

/** The declared match of an exception, with its residuals; never updated, never deleted. */
export type ForcedMatch = Readonly<{
  id: string;
  exceptionId: string;
  overrideReason: string;
  notes: string;
  counterparts: readonly Counterpart[];
  /** None where the exception has no amount. */
  residuals: readonly Residual[];
  /** The residuals exceed the tolerance, and the match accepted that. */
  residualAccepted: boolean;
  createdBy: string;
  createdAt: Timestamp;
  /** Its proposer and its approvers, where it needed approval. */
  approval?: ApprovedProposal;
}>;

/** The transaction that is matched. With a proposal, the residuals of that decide. */
type Matched = Readonly<{ transactionId: string; source?: string; amount?: Money; proposal?: Proposal }>;

type Evaluation = Pick<ForcedMatch, 'counterparts' | 'residuals' | 'residualAccepted'>;

/** The exact counterparts of a force match and their residuals; undefined where it names no counterparts. */
export function evaluateMatch(
  matched: Matched,
  { counterparts, acceptResidual }: ForceMatch,
  tolerance: ResidualTolerance,
): Result<Evaluation | undefined> {
  if (!counterparts) return ok(undefined);
  const flaw = ownTransaction(matched, counterparts);
  if (flaw) return refuse(flaw);
  const exact = exactly(counterparts);
  if (!exact.ok) return exact;
  // The tolerance at the time of the proposal holds until it is decided.
  const residuals = matched.proposal?.residuals ?? residualsOf(matched.amount, exact.value, tolerance);
  const beyond = residuals.filter(isBeyondTolerance);
  if (beyond.length && !acceptResidual) return refuse({ code: 'residual_not_accepted', residuals: beyond });
  return ok({ counterparts: exact.value, residuals, residualAccepted: beyond.length > 0 });
}
