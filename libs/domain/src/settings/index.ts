export { approvalRulesProblem, dualControlProblem, reasonCodesProblem } from './shapes';
export { ApprovalPolicyDesk, ReasonCodesDesk, SettingDesk } from '../desks/setting-desk';
export { ApprovalPolicyReads, ReasonCodesReads, SettingReads } from '../ports/setting-store';
export {
  approvableCommands,
  barredFromApproval,
  maxApprovalRules,
  maxApprovers,
} from '../resolution/approval-policy';
export { changePolicy, isAtLeastAsStrict, type ControlledTerms } from '../resolution/policy-change';
export { underDualControl, type ControlledRequest } from '../resolution/dual-control';
export { validateApprovalRules, validateApprovalTerms } from '../resolution/approval-policy.validation';
export {
  acceptedReasons,
  maxReasonCodes,
  reasonedCommands,
  validateReasonCodes,
} from '../resolution/reason-codes';
