import { dispatchTargets } from '../value/dispatch-target';
import type { Lifecycle } from '../lifecycle';

/** Whom something is handed to: where people dispatch to, or the ledger, to which resolving leads. */
export const addressees = [...dispatchTargets, 'LEDGER'] as const;
export type Addressee = (typeof addressees)[number];

export const dispatchKinds = ['ticket', 'note', 'posting'] as const;
export type DispatchKind = (typeof dispatchKinds)[number];

export const dispatchStates = ['RESERVED', 'SENDING', 'UNKNOWN', 'CONFIRMED', 'FAILED', 'DEAD'] as const;
/** RESERVED: to be sent. SENDING: on its way. UNKNOWN: it may be there, which has to be looked up. DEAD: given up. */
export type DispatchState = (typeof dispatchStates)[number];

export type DispatchCommand =
  /** Written before the first byte leaves, so that a crash is known to have happened on the way. */
  | Readonly<{ type: 'send' }>
  /** It is there. Where more than one was found, the others are duplicates. */
  | Readonly<{ type: 'confirm'; reference: string; url?: string; duplicates?: readonly string[] }>
  /** It did not arrive. */
  | Readonly<{ type: 'put_off'; problem: string; retryAfterMs?: number }>
  /** The other side will not have it. */
  | Readonly<{ type: 'refuse'; problem: string }>
  /** It may have arrived. */
  | Readonly<{ type: 'lose'; problem: string; retryAfterMs?: number }>
  /** The target answered with success, but without a reference: it is never sent again, only looked up. */
  | Readonly<{ type: 'receive'; problem: string; retryAfterMs?: number }>
  /** A look-up is about to be made. */
  | Readonly<{ type: 'look' }>
  /** It was looked up, and was not there. */
  | Readonly<{ type: 'miss' }>
  /** It could not be looked up. */
  | Readonly<{ type: 'wait'; problem: string; retryAfterMs?: number }>
  /** What is there under its id once more, after it was confirmed: all but one are duplicates. */
  | Readonly<{ type: 'sweep'; references: readonly string[] }>
  /** It is not its turn yet; no attempt is used up. */
  | Readonly<{ type: 'defer'; problem: string; afterMs: number }>
  /** Nobody wants it any more, and it is not there. */
  | Readonly<{ type: 'withdraw'; reason: string }>
  /**
   * A person has it tried again from the start of the schedule, under the same id. What may have arrived is looked up
   * first; what may not be sent any more (`maySend`) is only looked up.
   */
  | Readonly<{ type: 'redrive' }>;

export type DispatchCommandType = DispatchCommand['type'];

/** reserve → call → confirm. Where several states follow, the schedule and what is known about the other side decide. */
export const dispatchLifecycle: Lifecycle<DispatchState, DispatchCommandType> = {
  initial: ['RESERVED', 'CONFIRMED'],
  moves: {
    RESERVED: {
      send: 'SENDING',
      // Beyond the bound on resends it is looked up instead of sent.
      look: 'UNKNOWN',
      defer: 'RESERVED',
      withdraw: 'FAILED',
      // A ledger answers when it likes: while nobody asks it, too.
      confirm: 'CONFIRMED',
      refuse: ['FAILED', 'DEAD'],
    },
    SENDING: {
      confirm: 'CONFIRMED',
      put_off: ['RESERVED', 'DEAD'],
      // What was refused and cannot be returned is kept, to be tried again.
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
    },
    CONFIRMED: { look: 'CONFIRMED', defer: 'CONFIRMED', sweep: 'CONFIRMED', wait: 'CONFIRMED' },
    FAILED: {},
    DEAD: {
      redrive: ['RESERVED', 'UNKNOWN'],
      confirm: 'CONFIRMED',
      refuse: ['FAILED', 'DEAD'],
      // Somebody has looked over there, and answers for it.
      withdraw: 'FAILED',
    },
  },
};

/** What is told in the history of the exception; everything else is an attempt, and listed with the dispatch. */
export const dispatchEvents = {
  confirm: 'dispatch.confirmed',
  fail: 'dispatch.failed',
  die: 'dispatch.died',
  redrive: 'dispatch.redriven',
  duplicate: 'dispatch.duplicated',
} as const;

export type DispatchEventType = (typeof dispatchEvents)[keyof typeof dispatchEvents];
