import type { Timestamp } from '../value/timestamp';

export type Approval = Readonly<{ by: string; at: Timestamp }>;

/** Who wanted a resolution, and who agreed: of a proposal that took approval. */
export type ApprovedProposal = Readonly<{
  proposedBy: string;
  proposedAt: Timestamp;
  approvals: readonly Approval[];
  policyVersion?: number;
}>;
