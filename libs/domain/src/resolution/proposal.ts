import type { Adjustment } from './adjustment';
import type { DispatchTarget } from '../value/dispatch-target';
import type { ResolvingCommand } from './commands';
import type { Residual } from './residual';
import type { Refusal } from '../refusal';
import type { Timestamp } from '../value/timestamp';
import type { Approval } from './approval';
import type { ApprovalRule } from './approval-policy';

/**
 * A reversal that awaits approval. The adjustment is never changed, so it is kept here as it is; its exception stays
 * RESOLVED meanwhile, and afterwards.
 */
export type ProposedReversal = Readonly<{
  type: 'reverse';
  adjustment: Adjustment;
  /** A ledger was told of the adjustment, and is to be told of the reversal. */
  carried?: true;
  reason: string;
  effectiveAt?: Timestamp;
}>;

/** A resolution that awaits approval or the ledger. What was asked for when it was made holds to its end. */
export type Proposal = Readonly<{
  resolution: ResolvingCommand | ProposedReversal;
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
  /** The external system that reported the exception as resolved, which is what was proposed. */
  reportedBy?: DispatchTarget;
  /** The deadline of the decision: from then on it cannot be approved, and an alarm gives it back. */
  expiresAt?: Timestamp;
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

type MayHold = Readonly<{ status: string; pending?: string; proposal?: Proposal }>;

/** Whether an exception is resolved, and a reversal of its adjustment awaits approval. */
export const isReversalProposed = ({ status, pending, proposal }: MayHold): boolean =>
  status === 'RESOLVED' && pending === 'approval' && proposal !== undefined;
