export { ApprovalPolicyDesk, ReasonCodesDesk, SettingDesk } from '../desks/setting-desk';
export { ApprovalPolicyReads, ReasonCodesReads, SettingReads } from '../ports/setting-store';
export {
  approvableCommands,
  barredFromApproval,
  maxApprovalRules,
  maxApprovers,
} from '../resolution/approval-policy';
export { validateApprovalRules } from '../resolution/approval-policy.validation';
export {
  acceptedReasons,
  maxReasonCodes,
  reasonedCommands,
  validateReasonCodes,
} from '../resolution/reason-codes';
