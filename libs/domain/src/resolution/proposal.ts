import type { Adjustment } from './adjustment';
import type { DispatchTarget } from '../value/dispatch-target';
import type { ResolvingCommand } from './commands';
import type { Residual } from './residual';
import type { Refusal } from '../refusal';
import type { Timestamp } from '../value/timestamp';
import type { Approval } from './approval';
import type { ApprovalRule } from './approval-policy';
import { isSamePerson } from '../value/person';

/**
 * A reversal that awaits approval. The adjustment is never changed, so it is kept here as it is; its exception stays
 * RESOLVED meanwhile, and afterwards.
 */
export type ProposedReversal = Readonly<{
  type: 'reverse';
  adjustment: Adjustment;
  /** The adjustment was posted to an external ledger, so the reversal has to be posted there too. */
  carried?: true;
  reason: string;
  effectiveAt?: Timestamp;
}>;

/** A resolution that awaits approval or the ledger. The terms at the time of the proposal hold until it is decided. */
export type Proposal = Readonly<{
  resolution: ResolvingCommand | ProposedReversal;
  proposedBy: string;
  proposedAt: Timestamp;
  /** The number of approvals; 1 by default. */
  approvalsNeeded?: number;
  /** The approvals before the last, which confirms it. */
  approvals?: readonly Approval[];
  /** The person who assigned the exception, where the rule bars them from approving. */
  assignedBy?: string;
  /** The people who assigned it before, likewise. */
  formerAssigners?: readonly string[];
  /** The rule that asked for approval, and the version of its policy. */
  rule?: ApprovalRule;
  policyVersion?: number;
  /** The id of the posting to the ledger, which the adjustment will have too. */
  postingId?: string;
  /** The residuals of its counterparts, by the tolerance at that time. */
  residuals?: readonly Residual[];
  /** The external system that reported the exception as resolved, where that report is proposed. */
  reportedBy?: DispatchTarget;
  /** From then on it cannot be approved, and a job returns it. */
  expiresAt?: Timestamp;
}>;

/** The number of approvals still needed, including the one that confirms it. */
export const approvalsOutstanding = ({ approvalsNeeded = 1, approvals = [] }: Proposal): number =>
  approvalsNeeded - approvals.length;

/** Why this person may not approve it. */
export function mayNotApprove(
  {
    proposedBy,
    assignedBy,
    formerAssigners = [],
    approvals = [],
  }: Pick<Proposal, 'proposedBy' | 'assignedBy' | 'formerAssigners' | 'approvals'>,
  actor: string,
): Refusal | undefined {
  if (isSamePerson(proposedBy, actor)) return { code: 'own_proposal', proposedBy };
  const assigner = [assignedBy, ...formerAssigners].find(
    (one) => one !== undefined && isSamePerson(one, actor),
  );
  if (assigner !== undefined) return { code: 'assigned_by_approver', assignedBy: assigner };
  return approvals.some(({ by }) => isSamePerson(by, actor))
    ? { code: 'already_approved', approver: actor }
    : undefined;
}

type MayHold = Readonly<{ status: string; pending?: string; proposal?: Proposal }>;

/** Whether a reversal of a resolved exception awaits approval. */
export const isReversalProposed = ({ status, pending, proposal }: MayHold): boolean =>
  status === 'RESOLVED' && pending === 'approval' && proposal !== undefined;
