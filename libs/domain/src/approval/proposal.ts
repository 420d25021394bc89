import type { ResolvingCommand } from '../exception/exception.lifecycle';
import type { Residual } from '../match/residual';
import type { Refusal } from '../refusal';
import type { Timestamp } from '../value/timestamp';
import type { ApprovalRule } from './policy';

export type Approval = Readonly<{ by: string; at: Timestamp }>;

/** A resolution that awaits approval or the ledger. What was asked for when it was made holds to its end. */
export type Proposal = Readonly<{
  resolution: ResolvingCommand;
  proposedBy: string;
  proposedAt: Timestamp;
  /** Approvals it takes; one, where it does not say. */
  approvalsNeeded?: number;
  /** Those before the last, which confirms it. */
  approvals?: readonly Approval[];
  /** Who assigned the exception, where the rule says that they may not approve. */
  assignedBy?: string;
  /** The rule that asked for approval, and the version of the policy it stood in. */
  rule?: ApprovalRule;
  policyVersion?: number;
  /** What the ledger was asked to book, once it was: the id of its dispatch, and of the adjustment it is going to be. */
  postingId?: string;
  /** What the counterparts that it names leave, by the tolerance at that time. */
  residuals?: readonly Residual[];
  /** When it goes back if nobody has decided on it. */
  expiresAt?: Timestamp;
}>;

/** Who wanted a resolution, and who agreed: of a proposal that took approval. */
export type ApprovedProposal = Readonly<{
  proposedBy: string;
  proposedAt: Timestamp;
  approvals: readonly Approval[];
  policyVersion?: number;
}>;

/** How many approvals a proposal still takes, the one that confirms it included. */
export const approvalsOutstanding = ({ approvalsNeeded = 1, approvals = [] }: Proposal): number =>
  approvalsNeeded - approvals.length;

/** Why this person may not approve it, whoever else may. */
export function mayNotApprove(
  { proposedBy, assignedBy, approvals = [] }: Proposal,
  actor: string,
): Refusal | undefined {
  if (proposedBy === actor) return { code: 'own_proposal', proposedBy };
  if (assignedBy === actor) return { code: 'assigned_by_approver', assignedBy };
  return approvals.some(({ by }) => by === actor) ? { code: 'already_approved', approver: actor } : undefined;
}
