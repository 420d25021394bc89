import { dispatchTargets } from '../value/dispatch-target';
import type { Lifecycle } from '../lifecycle';

/** The receiver of a dispatch: a target that people choose, or the ledger, which receives booked resolutions. */
export const addressees = [...dispatchTargets, 'LEDGER'] as const;
/** The receiver of a dispatch: a `DispatchTarget` or the ledger. */
export type Addressee = (typeof addressees)[number];

/** The kinds of dispatches: a ticket in an external system, a note on such a ticket, a posting to a ledger. */
export const dispatchKinds = ['ticket', 'note', 'posting'] as const;
/** The kind of a dispatch. */
export type DispatchKind = (typeof dispatchKinds)[number];

/** The states of a dispatch, in the order of its life. */
export const dispatchStates = ['RESERVED', 'SENDING', 'UNKNOWN', 'CONFIRMED', 'FAILED', 'DEAD'] as const;
/** RESERVED: to be sent. SENDING: being sent. UNKNOWN: it may have arrived and has to be looked up. DEAD: given up. */
export type DispatchState = (typeof dispatchStates)[number];

/**
 * A command to a dispatch. All but `redrive` are given by the worker that sends it, or follow from what a message
 * reports.
 */
export type DispatchCommand =
  /** Committed before the first byte is sent, so that a crash during the send is recognized. */
  | Readonly<{ type: 'send' }>
  /** It arrived. Where more than one was found, the others are duplicates. */
  | Readonly<{
      type: 'confirm';
      reference: string;
      url?: string;
      id?: string;
      duplicates?: readonly string[];
    }>
  /** It did not arrive. */
  | Readonly<{ type: 'put_off'; problem: string; retryAfterMs?: number }>
  /** The external system refused it. */
  | Readonly<{ type: 'refuse'; problem: string }>
  /** It may have arrived. */
  | Readonly<{ type: 'lose'; problem: string; retryAfterMs?: number }>
  /** The target answered with success, but without a reference: it is never sent again, only looked up. */
  | Readonly<{ type: 'receive'; problem: string; retryAfterMs?: number }>
  /** Committed before a look-up. */
  | Readonly<{ type: 'look' }>
  /** A look-up did not find it. `conclusive`: it is not there; otherwise it may be there, unseen. */
  | Readonly<{ type: 'miss'; conclusive?: boolean; problem?: string }>
  /** A look-up could not be made. */
  | Readonly<{ type: 'wait'; problem: string; retryAfterMs?: number }>
  /** A look-up after the confirmation: all references but its own are duplicates. */
  | Readonly<{ type: 'sweep'; references: readonly string[] }>
  /** Another ticket than its own was created for it, as a late answer says. */
  | Readonly<{ type: 'duplicate'; reference: string }>
  /** The ticket has another reference by now. */
  | Readonly<{ type: 'follow'; reference: string; id: string }>
  /** The attempt is postponed and not counted. */
  | Readonly<{ type: 'defer'; problem: string; afterMs: number }>
  /** It is not needed any more, and did not arrive. */
  | Readonly<{ type: 'withdraw'; reason: string }>
  /**
   * A person starts the schedule again, under the same id. A dispatch that may have arrived is looked up first; one that
   * may not be sent any more (`maySend`) is only looked up.
   */
  | Readonly<{ type: 'redrive' }>;

/** The commands to a dispatch, by their names. */
export type DispatchCommandType = DispatchCommand['type'];

/** reserve → call → confirm. Where several states follow, the schedule and the look-up policy decide. */
export const dispatchLifecycle: Lifecycle<DispatchState, DispatchCommandType> = {
  initial: ['RESERVED', 'CONFIRMED'],
  moves: {
    RESERVED: {
      send: 'SENDING',
      // Beyond the bound on resends it is only looked up.
      look: 'UNKNOWN',
      defer: 'RESERVED',
      withdraw: 'FAILED',
      // A ledger may answer between two attempts, and a late answer may name the ticket.
      confirm: 'CONFIRMED',
      receive: 'UNKNOWN',
      refuse: ['FAILED', 'DEAD'],
    },
    SENDING: {
      confirm: 'CONFIRMED',
      put_off: ['RESERVED', 'DEAD'],
      // A refused reversal is kept, to be tried again.
      refuse: ['FAILED', 'DEAD'],
      lose: ['UNKNOWN', 'RESERVED', 'DEAD'],
      receive: 'UNKNOWN',
    },
    UNKNOWN: {
      look: 'UNKNOWN',
      defer: 'UNKNOWN',
      confirm: 'CONFIRMED',
      miss: ['UNKNOWN', 'RESERVED', 'FAILED', 'DEAD'],
      wait: ['UNKNOWN', 'DEAD'],
      receive: 'UNKNOWN',
    },
    CONFIRMED: {
      look: 'CONFIRMED',
      defer: 'CONFIRMED',
      sweep: 'CONFIRMED',
      wait: 'CONFIRMED',
      duplicate: 'CONFIRMED',
      follow: 'CONFIRMED',
    },
    // It is over here, and a late answer may still name a ticket there.
    FAILED: { duplicate: 'FAILED' },
    DEAD: {
      redrive: ['RESERVED', 'UNKNOWN'],
      confirm: 'CONFIRMED',
      refuse: ['FAILED', 'DEAD'],
      // A person has checked in the external system.
      withdraw: 'FAILED',
    },
  },
};

/** The events in the history of the exception; attempts are listed with the dispatch. */
export const dispatchEvents = {
  confirm: 'dispatch.confirmed',
  fail: 'dispatch.failed',
  die: 'dispatch.died',
  redrive: 'dispatch.redriven',
  duplicate: 'dispatch.duplicated',
  move: 'dispatch.moved',
  propose_answer: 'dispatch.answer_proposed',
} as const;

/** The types of the events of dispatches in the history of their exception. */
export type DispatchEventType = (typeof dispatchEvents)[keyof typeof dispatchEvents];
