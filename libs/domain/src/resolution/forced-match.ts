import type { ApprovedProposal } from './approval';
import type { ForceMatch } from '../exception/exception.lifecycle';
import type { ReconException } from '../exception/recon-exception';
import { ok, refuse, type Result } from '../result';
import type { Timestamp } from '../value/timestamp';
import { exactly, ownTransaction, type Counterpart } from './counterpart';
import { isBeyondTolerance, residualsOf, type Residual, type ResidualTolerance } from './residual';

/** What an exception was declared to match, and what that left; never updated, never deleted. */
export type ForcedMatch = Readonly<{
  id: string;
  exceptionId: string;
  overrideReason: string;
  notes: string;
  counterparts: readonly Counterpart[];
  /** None where the exception has no amount. */
  residuals: readonly Residual[];
  /** More was left than is tolerated, and whoever matched it accepted that. */
  residualAccepted: boolean;
  createdBy: string;
  createdAt: Timestamp;
  /** Of one that took approval. */
  approval?: ApprovedProposal;
}>;

type Weighed = Pick<ForcedMatch, 'counterparts' | 'residuals' | 'residualAccepted'>;

/** What a force match names, and what that leaves; undefined where it names nothing. */
export function weigh(
  exception: ReconException,
  { counterparts, acceptResidual }: ForceMatch,
  tolerance: ResidualTolerance,
): Result<Weighed | undefined> {
  if (!counterparts) return ok(undefined);
  const flaw = ownTransaction(exception, counterparts);
  if (flaw) return refuse(flaw);
  const exact = exactly(counterparts);
  if (!exact.ok) return exact;
  // What was proposed was weighed then, and that holds to the end, whatever is tolerated by now.
  const residuals = exception.proposal?.residuals ?? residualsOf(exception.amount, exact.value, tolerance);
  const beyond = residuals.filter(isBeyondTolerance);
  if (beyond.length && !acceptResidual) return refuse({ code: 'residual_not_accepted', residuals: beyond });
  return ok({ counterparts: exact.value, residuals, residualAccepted: beyond.length > 0 });
}
