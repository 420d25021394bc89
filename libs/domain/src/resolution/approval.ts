import type { Timestamp } from '../value/timestamp';

/** One approval of a proposal. */
export type Approval = Readonly<{ by: string; at: Timestamp }>;

/** The proposer and the approvers of an approved proposal. */
export type ApprovedProposal = Readonly<{
  proposedBy: string;
  proposedAt: Timestamp;
  approvals: readonly Approval[];
  policyVersion?: number;
}>;

/** Dual control of a request: it takes effect once so many other people have made the same request. */
export type DualControl = Readonly<{ approvers: number }>;

/** A request that waits for the same request of other people. */
export type ProposedRequest<Request> = Readonly<{
  request: Request;
  proposedBy: string;
  proposedAt: Timestamp;
  /** From then on it counts for nothing. */
  expiresAt: Timestamp;
  approvalsNeeded: number;
  /** The people who have made the same request since. */
  approvals: readonly Approval[];
}>;
