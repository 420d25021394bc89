import type { ApprovalRule, ReconException, ExceptionFilter, Page, PageRequest } from '@redress/domain';
import { SettingReads, type Version } from './setting';

/** What a tenant has approved by more than one person. */
export type PolicyRules = Readonly<{ rules: readonly ApprovalRule[] }>;
export type PolicyVersion = Version<PolicyRules>;

export abstract class PolicyReads extends SettingReads<PolicyRules> {}

/** What chooses proposals that await approval. */
export type ApprovalFilter = Pick<ExceptionFilter, 'currency' | 'amountMin' | 'amountMax'> &
  Readonly<{
    proposer?: readonly string[];
    command?: readonly string[];
    /** Those that this person may still approve. */
    approver?: string;
  }>;

export abstract class ApprovalReads {
  /** What awaits approval, in the order in which it was proposed. */
  abstract pending(tenant: string, filter: ApprovalFilter, page: PageRequest): Promise<Page<ReconException>>;
}
