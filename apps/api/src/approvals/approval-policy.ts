import type { ApprovalRule, Ports, ReconException, ReplyStore, Timestamp } from '@redress/domain';
import type { ExceptionFilter, Page, PageRequest } from '../reads';

/** What a tenant had approved by more than one person from a moment on. Versions are only ever added. */
export type PolicyVersion = Readonly<{
  id: string;
  version: number;
  rules: readonly ApprovalRule[];
  createdAt: Timestamp;
  createdBy: string;
}>;

/** What the commands ask of the database: the domain's promises about a unit of work hold for this one, too. */
export interface PolicyTransaction {
  readonly policies: {
    latest(): Promise<PolicyVersion | undefined>;
    /** Does not commit when somebody else has added this version. */
    add(version: PolicyVersion): Promise<void>;
  };
  readonly replies: ReplyStore;
}

export type PolicyPorts = Ports<PolicyTransaction>;

/** What chooses proposals that await approval. */
export type ApprovalFilter = Pick<ExceptionFilter, 'currency' | 'amountMin' | 'amountMax'> &
  Readonly<{
    proposer?: readonly string[];
    command?: readonly string[];
    /** Those that this person may still approve. */
    approver?: string;
  }>;

export abstract class ApprovalReads {
  abstract policy(tenant: string): Promise<PolicyVersion | undefined>;
  abstract versions(tenant: string, page: PageRequest): Promise<Page<PolicyVersion>>;
  /** What awaits approval, in the order in which it was proposed. */
  abstract pending(tenant: string, filter: ApprovalFilter, page: PageRequest): Promise<Page<ReconException>>;
}
