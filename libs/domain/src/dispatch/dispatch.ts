import type { Posting } from './posting';
import type { Timestamp } from '../value/timestamp';
import type { LookupResult, SendResult } from './attempt-result';
import type { Addressee, DispatchKind, DispatchState } from './dispatch.lifecycle';
import type { Message } from './ticket-text';

/** What can come of sending something, or of looking it up. */
export const attemptOutcomes = [
  'created',
  'not_sent',
  'refused',
  'unknown',
  'found',
  'none',
  'unavailable',
  'accepted',
  'received',
] as const satisfies readonly (SendResult | LookupResult)['outcome'][];

/**
 * Something handed to somebody outside: a ticket, a later note on it, or a posting to the ledger. Its id travels along and is found again
 * there, whatever happened on the way.
 */
export type Dispatch = Readonly<{
  id: string;
  version: number;
  exceptionId: string;
  target: Addressee;
  kind: DispatchKind;
  queue?: string;
  state: DispatchState;
  /** It holds the place of its target: no other ticket may go there. False for notes and postings. */
  live: boolean;
  /** What a ticket says. MANUAL has none: the person was told already. */
  message?: Message;
  posting?: Posting;
  /** What a note says, and the dispatch whose ticket it belongs to. */
  note?: string;
  ticketId?: string;
  externalReference?: string;
  externalUrl?: string;
  /** References of others that were made by mistake of the way there. */
  duplicates?: readonly string[];
  /** How often it was sent in all. */
  sends: number;
  /**
   * Sends whose outcome is unknown: no answer, a 5xx, or a crash on the way. Counted for life, a redrive does not reset it.
   * Counted only for targets that are looked up; it stays 0 where the receiver de-duplicates by id (WEBHOOK, LEDGER).
   */
  doubtfulSends: number;
  /** When the target answered a send with success (2xx) but without a usable reference. Never sent again after that. */
  receivedAt?: Timestamp;
  /** How far along the schedule it is; starts again when it is redriven. */
  attempts: number;
  /** Look-ups since it was last sent that did not find it. */
  misses: number;
  sweeps: number;
  firstSentAt?: Timestamp;
  lastSentAt?: Timestamp;
  lastError?: string;
  /** When somebody has to see to it: to send it, to look it up, or because whoever had it must be gone by then. */
  nextAttemptAt?: Timestamp;
  requestedBy: string;
  requestedAt: Timestamp;
  updatedAt: Timestamp;
}>;

/** One try to send something or to look it up, as it came out. */
export type DispatchAttempt = Readonly<{
  id: string;
  dispatchId: string;
  exceptionId: string;
  at: Timestamp;
  kind: 'send' | 'find' | 'sweep';
  outcome: (SendResult | LookupResult)['outcome'];
  problem?: string;
  reference?: string;
}>;

/** Longer than any attempt may take, so that whoever still has it after that is gone. */
export const leaseMs = 30_000;
/** How long whoever reserved it may keep to itself the first attempt. */
export const headStartMs = 2_000;
/** What is kept of a problem that somebody outside told of, in characters. */
export const problemLength = 500;

/** A ticket that was taken back is not sent any more; what notes and postings tell has happened, and stays true. */
export const isWanted = ({ live, kind }: Dispatch): boolean => live || kind !== 'ticket';

/** The first send and one resend: as many sends may end in doubt, and no more is sent after the last of them. */
export const maxDoubtfulSends = 2;

/**
 * The bound on resends: absence in a look-up is no proof, since an account may create what it cannot see. So nothing is
 * sent after a success, and at most one resend follows a send whose outcome is unknown, in the life of a dispatch.
 */
export const maySend = ({ receivedAt, doubtfulSends }: Dispatch): boolean =>
  receivedAt === undefined && doubtfulSends < maxDoubtfulSends;

/** What somebody has to see to now, if anything. `early`: by whoever has just reserved it, before it is due. */
export function dueWork(
  dispatch: Dispatch,
  now: Timestamp,
  early = false,
): 'send' | 'withdraw' | 'find' | 'sweep' | 'overdue' | undefined {
  const { state, nextAttemptAt: due } = dispatch;
  if (due === undefined || (due > now && !(early && state === 'RESERVED'))) return undefined;
  // Reserved under an earlier rule, it may be beyond the bound.
  if (state === 'RESERVED' && !maySend(dispatch)) return 'find';
  if (state === 'RESERVED') return isWanted(dispatch) ? 'send' : 'withdraw';
  if (state === 'SENDING') return 'overdue';
  if (state === 'UNKNOWN') return 'find';
  return state === 'CONFIRMED' ? 'sweep' : undefined;
}
