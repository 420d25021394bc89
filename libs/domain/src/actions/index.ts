export {
  allowedActions,
  allowedDisputeActions,
  type AllowedAction,
  type AllowedActions,
  type AllowedDisputeActions,
  type DisputeAction,
  type ExceptionAction,
} from './allowed-actions';
export {
  adjustmentRefusals,
  commentRefusals,
  dispatchRefusals,
  disputeRefusals,
  exceptionRefusals,
  proposalRefusals,
  type ProposalDecision,
  type RefusalTable,
} from '../command-refusals';
