import { validateApprovalRules, ok, refuse, type ApprovalRule, type Result } from '@redress/domain';
import { SettingDesk } from './setting-desk';
import type { PolicyRules } from './approval-policy';

/** What a tenant has approved by more than one person. */
export class PolicyDesk extends SettingDesk<readonly ApprovalRule[], PolicyRules> {
  protected meant(rules: readonly ApprovalRule[]): Result<PolicyRules> {
    const flaw = validateApprovalRules(rules);
    return flaw ? refuse(flaw) : ok({ rules });
  }
}
