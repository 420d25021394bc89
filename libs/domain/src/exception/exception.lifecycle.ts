import type { Lifecycle } from '../lifecycle';
import type { ResolvingCommand } from '../resolution/commands';
import type { DispatchTarget } from '../value/dispatch-target';
import type { Timestamp } from '../value/timestamp';

/** The statuses of an exception. PENDING_RESOLUTION waits for another party (`Wait`); RESOLVED is final. */
export type ExceptionStatus = 'OPEN' | 'ASSIGNED' | 'PENDING_RESOLUTION' | 'RESOLVED';

/** The party that a pending exception waits for: an external system, a second person, or the ledger. */
export const waits = ['external', 'approval', 'ledger'] as const;
/** The party that a pending exception waits for. */
export type Wait = (typeof waits)[number];

/** A command to an exception. Lengths of the texts: `limits`. */
export type ExceptionCommand =
  | Readonly<{ type: 'assign'; assignee: string; dueAt?: Timestamp }>
  | Readonly<{ type: 'unassign' }>
  | ResolvingCommand
  /** A resolution that takes effect once a second person, or the ledger, confirms it. */
  | Readonly<{ type: 'propose'; resolution: ResolvingCommand; waitsFor: 'approval' | 'ledger' }>
  | Readonly<{ type: 'dispatch'; target: DispatchTarget; queue?: string }>
  /**
   * The wait ends with a yes: the proposal takes effect, or the external system resolved it. Where a proposal needs several
   * approvals, those before the last are recorded. `of` here and below: refused unless a proposal awaits approval.
   */
  | Readonly<{ type: 'confirm'; notes?: string; of?: 'proposal' }>
  /** The wait ends with a no. With an assignee it was taken up outside, and the external system keeps it. */
  | Readonly<{ type: 'return'; reason: string; assignee?: string; dueAt?: Timestamp; of?: 'proposal' }>
  /** A person here cancels the wait. A proposal is withdrawn by its proposer. */
  | Readonly<{ type: 'recall'; reason?: string; of?: 'proposal' }>;

/** The commands to an exception, by their names. */
export type ExceptionCommandType = ExceptionCommand['type'];

/** Lifecycle of an exception: status → command → next status. `decide` picks one where several are listed. */
export const exceptionLifecycle: Lifecycle<ExceptionStatus, ExceptionCommandType> = {
  initial: ['OPEN'],
  moves: {
    OPEN: {
      assign: 'ASSIGNED',
      force_match: 'RESOLVED',
      adjust_entry: 'RESOLVED',
      resolve: 'RESOLVED',
      propose: 'PENDING_RESOLUTION',
      dispatch: 'PENDING_RESOLUTION',
    },
    ASSIGNED: {
      assign: 'ASSIGNED',
      unassign: 'OPEN',
      force_match: 'RESOLVED',
      adjust_entry: 'RESOLVED',
      resolve: 'RESOLVED',
      propose: 'PENDING_RESOLUTION',
      dispatch: 'PENDING_RESOLUTION',
    },
    PENDING_RESOLUTION: {
      force_match: 'RESOLVED',
      adjust_entry: 'RESOLVED',
      resolve: 'RESOLVED',
      propose: 'PENDING_RESOLUTION',
      dispatch: 'PENDING_RESOLUTION',
      confirm: 'RESOLVED',
      return: ['ASSIGNED', 'OPEN'],
      recall: ['ASSIGNED', 'OPEN'],
    },
    RESOLVED: {},
  },
};

/** command → the type of its event. */
export const exceptionEvents = {
  raise: 'exception.raised',
  escalate: 'exception.escalated',
  report_otherwise: 'exception.reported_otherwise',
  ignore_callback: 'exception.callback_ignored',
  assign: 'exception.assigned',
  unassign: 'exception.unassigned',
  force_match: 'exception.force_matched',
  adjust_entry: 'exception.entry_adjusted',
  resolve: 'exception.resolved',
  propose: 'exception.resolution_proposed',
  dispatch: 'exception.dispatched',
  approve: 'exception.approval_given',
  flag: 'exception.waits_too_long',
  confirm: 'exception.confirmed',
  return: 'exception.returned',
  recall: 'exception.recalled',
  propose_reversal: 'exception.reversal_proposed',
  reverse: 'exception.adjustment_reversed',
  link_reversal: 'exception.reversal_linked',
  books_differ: 'exception.books_differ',
  books_agree: 'exception.books_agree',
} as const satisfies Record<
  | ExceptionCommandType
  | 'raise'
  | 'escalate'
  | 'report_otherwise'
  | 'ignore_callback'
  | 'approve'
  | 'flag'
  | 'propose_reversal'
  | 'reverse'
  | 'link_reversal'
  | 'books_differ'
  | 'books_agree',
  string
>;

/** The types of the events of exceptions. */
export type ExceptionEventType = (typeof exceptionEvents)[keyof typeof exceptionEvents];
