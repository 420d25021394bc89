export {
  allowedActions,
  allowedDisputeActions,
  type AllowedAction,
  type AllowedActions,
  type AllowedDisputeActions,
  type DisputeAction,
  type ExceptionAction,
} from './allowed-actions';
