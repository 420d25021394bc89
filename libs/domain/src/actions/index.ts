export {
  allowedActions,
  allowedDisputeActions,
  type AllowedAction,
  type AllowedActions,
  type AllowedDisputeActions,
  type DisputeAction,
  type ExceptionAction,
} from './allowed-actions';
export { mayNotApprove } from '../resolution/proposal';
export { isSamePerson } from '../value/person';
export { maxActorLength, readActor, reservedActors } from '../value/actor';
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
