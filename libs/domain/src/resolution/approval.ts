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
