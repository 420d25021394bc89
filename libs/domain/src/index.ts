export { ExceptionDesk } from './desks/exception-desk';
export type { DispatchTargets } from './desks/dispatch-targets';
export type { Handled, Order } from './desks/handle-many';
export { decide, decideAll } from './exception/exception';
export type { ExceptionChange } from './exception/exception.change';
export type { ExceptionEvent } from './exception/exception.change';
export { exceptionFields, resolutionTypes } from './exception/recon-exception';
export type { Difference, FieldKind, ReconException, ResolutionType } from './exception/recon-exception';
export { exceptionEvents, exceptionLifecycle, waits } from './exception/exception.lifecycle';
export { directions } from './resolution/commands';
export { dispatchTargets } from './value/dispatch-target';
export type {
  ExceptionCommand,
  ExceptionCommandType,
  ExceptionEventType,
  ExceptionStatus,
  Wait,
} from './exception/exception.lifecycle';
export type { AdjustEntry, Direction, ForceMatch, Resolve, ResolvingCommand } from './resolution/commands';
export type { DispatchTarget } from './value/dispatch-target';
export { noFacts, type Asker, type ExceptionFacts } from './exception/exception.facts';
export type { Later } from './exception/meet-deadline';
export type { AcceptedReasons, ReasonCode, ReasonCodes, ReasonedCommand } from './resolution/reason-codes';
export { AdjustmentDesk } from './desks/adjustment-desk';
export type { Adjustment } from './resolution/adjustment';
export {
  reverse,
  type Reversal,
  type ReversalOutcome,
  type ReverseAdjustment,
  type Reversible,
} from './exception/reversal';
export type { Counterpart } from './resolution/counterpart';
export type { ForcedMatch } from './resolution/forced-match';
export type { AdjustmentCheck } from './resolution/adjustment-check';
export type { Residual, ResidualTolerance } from './resolution/residual';
export { raise, recordSighting } from './exception/raise';
export { validateRaise, type Raise } from './exception/report';
export { callbackStatuses, type Callback, type CallbackStatus } from './exception/callback';
export { awaitsApprovalOf, receive } from './exception/receive';
export {
  needsApproval,
  proposedCommands,
  type ApprovalPolicy,
  type ApprovalRule,
  type ApprovalTerms,
} from './resolution/approval-policy';
export type { Approvable, Judged } from './resolution/stake';
export type { Approval, ApprovedProposal, DualControl, ProposedRequest } from './resolution/approval';
export type { Proposal, ProposedReversal } from './resolution/proposal';
export { CommentDesk } from './desks/comment-desk';
export { addComment, commentEvents, decideComment } from './comment/comment';
export type {
  Comment,
  CommentChange,
  CommentCommand,
  CommentEvent,
  CommentEventType,
  CommentFacts,
} from './comment/comment';
export {
  addressees,
  dispatchEvents,
  dispatchKinds,
  dispatchLifecycle,
  dispatchStates,
  type Addressee,
  type DispatchCommand,
  type DispatchCommandType,
  type DispatchEventType,
  type DispatchKind,
  type DispatchState,
} from './dispatch/dispatch.lifecycle';
export { attemptOutcomes } from './dispatch/dispatch';
export type { Dispatch, DispatchAttempt } from './dispatch/dispatch';
export type { DispatchChange, DispatchWithException } from './outcome/decide-outcome';
export type { LookupPolicy, LookupPolicies } from './dispatch/lookup-policy';
export type { ExternalTicket, LookupResult, Report, SendResult } from './dispatch/attempt-result';
export { messageFor, type Message, type TicketSubject } from './dispatch/ticket-text';
export type { BookedEntry, Posting, PostingSubject } from './dispatch/posting';
export { DisputeDesk } from './desks/dispute-desk';
export { decideDispute, openDispute } from './dispute/dispute';
export type { ActiveDisputes, Dispute, DisputeChange, DisputeEvent, Evidence } from './dispute/dispute';
export {
  activeDisputeStates,
  disputeCategories,
  disputeEvents,
  disputeLifecycle,
  isActive,
} from './dispute/dispute.lifecycle';
export type {
  DisputeCategory,
  DisputeCommand,
  DisputeCommandType,
  DisputeEventType,
  DisputeOpening,
  DisputeState,
} from './dispute/dispute.lifecycle';
export { fieldChanges } from './change';
export type { Change, Context, FieldChanges, HistoryEvent, Json } from './change';
export {
  commands,
  commandsFrom,
  isTerminal,
  nextStatuses,
  statuses,
  type CommandWithFields,
  type Lifecycle,
} from './lifecycle';
export { replyCodecOf, type CommandMeta, type ReplyCodec } from './desks/command-meta';
export { isProvisional, runOnce, settle } from './desks/use-case';
export { defaultPolicy, type Policy } from './exception/policy';
export {
  adjustmentSortKeys,
  dispatchSortKeys,
  ageLimits,
  ApprovalReads,
  disputeSortKeys,
  exceptionSortKeys,
  maxNames,
  Reads,
  sortOrders,
} from './ports/reads';
export type {
  AdjustmentFilter,
  AdjustmentPage,
  AdjustmentSortKey,
  AdjustmentTotal,
  ApprovalFilter,
  DispatchFilter,
  DispatchSortKey,
  DisputeFilter,
  DisputeSortKey,
  ExceptionSortKey,
  ExceptionSummary,
  HistoryLine,
  HistoryPage,
  ListedAdjustment,
  ListedDispatch,
  ListedDispute,
  Page,
  PageRequest,
  Position,
  SortOrder,
} from './ports/reads';
export type { ExceptionCondition, ExceptionFilter, FilterField } from './ports/exception-filter';
export type {
  ApprovalRules,
  ReasonLists,
  SettingPorts,
  SettingTransaction,
  SettingVersion,
} from './ports/setting-store';
export type {
  BackgroundJobs,
  Job,
  JobHandler,
  JobHandlers,
  JobLog,
  JobOptions,
} from './ports/background-jobs';
export type { DeadlineJobs } from './ports/deadline-jobs';
export type { DeskReads, DeskStore } from './ports/desk-store';
export type { ExternalSystems, ExternalSystemsFactory, ExternalSystemsHost } from './ports/external-systems';
export type * from './ports/stores';
export { explain, type Refusal, type RefusalCode } from './refusal';
export { ok, refuse, type Result } from './result';
export { fromMinorUnits, maxIntegerDigits, minorUnits, money, type Money } from './value/money';
export { currencies, minorDigits } from './value/currency';
export { severities, type Severity, type SeverityRule } from './value/severity';
export { plainLine, plainText } from './value/plain';
export { limits, shortened, textKey, validateText } from './value/text';
export { isUuid } from './value/uuid';
export { laterBy, parseTimestamp, timestamp, type Timestamp } from './value/timestamp';
