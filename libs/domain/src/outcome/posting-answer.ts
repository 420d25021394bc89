import { needsApproval } from '../resolution/approval-policy';
import type { Context } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import { decide } from '../exception/exception';
import type { ExceptionChange } from '../exception/exception.change';
import type { ExceptionFacts } from '../exception/exception.facts';
import type { ReconException } from '../exception/recon-exception';
import { flaggedAfter } from './patched';
import type { Refusal } from '../refusal';
import { ok, type Result } from '../result';
import { isSamePerson } from '../value/person';
import { cut, limits } from '../value/text';

/** The effect of the ledger's answer on the exception: the proposal takes effect, or returns with the reason. */
export function exceptionAfterPosting(
  exception: ReconException,
  before: Dispatch,
  after: Dispatch,
  facts: ExceptionFacts,
  ctx: Context,
): Result<ExceptionChange | undefined> {
  const isAwaited = exception.pending === 'ledger' && exception.proposal?.postingId === after.id;
  if (!isAwaited || after.state === before.state) return ok(undefined);
  switch (after.state) {
    case 'CONFIRMED':
      return decide(exception, { type: 'confirm' }, ctx, facts);
    case 'FAILED': {
      const reason = cut(after.lastError ?? 'The ledger did not take it.', limits.resolutionReason);
      return decide(exception, { type: 'return', reason }, ctx, facts);
    }
    case 'DEAD':
      return ok(flaggedAfter(exception, ctx));
    default:
      return ok(undefined);
  }
}

/**
 * Four eyes on an answer that a person gives in place of the ledger: where the policy asks for approval of the posting
 * and it has none, its proposer cannot confirm it alone. Another person, or the ledger itself, may confirm it.
 */
export function confirmedByProposer(
  { pending, proposal, ...exception }: ReconException,
  { id }: Pick<Dispatch, 'id'>,
  actor: string,
  { approvalPolicy }: ExceptionFacts,
): Refusal | undefined {
  if (pending !== 'ledger' || proposal?.postingId !== id || !isSamePerson(proposal.proposedBy, actor))
    return undefined;
  const { resolution, approvals = [], proposedBy } = proposal;
  if (approvals.length > 0 || resolution.type === 'reverse') return undefined;
  return needsApproval(exception, resolution, approvalPolicy) && { code: 'own_proposal', proposedBy };
}
