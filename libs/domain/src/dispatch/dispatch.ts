import type { Posting } from './posting';
import type { Timestamp } from '../value/timestamp';
import type { LookupResult, SendResult } from './attempt-result';
import type { Addressee, DispatchKind, DispatchState } from './dispatch.lifecycle';
import type { Message } from './ticket-text';
import type { OperatorAnswer } from './operator-answer';
import type { ProposedRequest } from '../resolution/approval';

/** The outcomes of an attempt: of a send or of a look-up. */
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
 * A message to an external system: a ticket, a later note on it, or a posting to the ledger. Its id is sent with it, so
 * that it can be looked up there after any failure on the way.
 */
export type Dispatch = Readonly<{
  id: string;
  version: number;
  exceptionId: string;
  target: Addressee;
  kind: DispatchKind;
  queue?: string;
  state: DispatchState;
  /** It is the one ticket that its target may have of the exception. False for notes and postings. */
  live: boolean;
  /** The text of a ticket. MANUAL has none: that person is informed outside of this software. */
  message?: Message;
  posting?: Posting;
  /** The text of a note, and the dispatch whose ticket it belongs to. */
  note?: string;
  ticketId?: string;
  /** What people there call the ticket, such as `OPS-7`: another one after the ticket was moved. */
  externalReference?: string;
  externalUrl?: string;
  /** What the external system knows the ticket by, and never changes; absent until it is known. */
  externalId?: string;
  /** References of other tickets that were created by a repeated send. */
  duplicates?: readonly string[];
  /** The number of sends in all. */
  sends: number;
  /**
   * Sends whose outcome is unknown: no answer, a 5xx, or a crash on the way. Counted for life, a redrive does not reset it.
   * Counted only for targets that are looked up; it stays 0 where the receiver de-duplicates by id (WEBHOOK, LEDGER).
   */
  doubtfulSends: number;
  /** When the target answered a send with success (2xx) but without a usable reference. Never sent again after that. */
  receivedAt?: Timestamp;
  /** The position on the schedule of attempts; a redrive resets it. */
  attempts: number;
  /** Look-ups since the last send that did not find it. */
  misses: number;
  sweeps: number;
  firstSentAt?: Timestamp;
  lastSentAt?: Timestamp;
  lastError?: string;
  /** While it is DEAD: the answer of a person that takes effect once others have given the same. */
  proposedAnswer?: ProposedRequest<OperatorAnswer>;
  /** When it has to be sent or looked up, or when the lease of the worker that sends it ends. */
  nextAttemptAt?: Timestamp;
  requestedBy: string;
  requestedAt: Timestamp;
  updatedAt: Timestamp;
}>;

/** One try to send a dispatch or to look it up, with its outcome. */
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

/** The lease of a worker, longer than any attempt may take: a worker that has not reported by then is gone. */
export const leaseMs = 30_000;
/** The time during which only the request that reserved a ticket makes its first attempt. */
export const headStartMs = 2_000;
/** The most characters that are kept of the problem that an external system reports. */
export const problemLength = 500;

/** A recalled ticket is not sent any more. Notes and postings are about facts, so they are always sent. */
export const isWanted = ({ live, kind }: Dispatch): boolean => live || kind !== 'ticket';

/** The most sends with an unknown outcome: the first send and one resend. */
export const maxDoubtfulSends = 2;

/**
 * The bound on resends: an account may create what it cannot see. So nothing is sent after a success, and at most one resend
 * follows a send whose outcome is unknown, in the life of a dispatch, and only after a conclusive look-up.
 */
export const maySend = ({ receivedAt, doubtfulSends }: Dispatch): boolean =>
  receivedAt === undefined && doubtfulSends < maxDoubtfulSends;

/** Whether any send may have created the ticket. What surely did not arrive needs no look-up. */
export const mayHaveArrived = ({ receivedAt, doubtfulSends }: Dispatch): boolean =>
  receivedAt !== undefined || doubtfulSends > 0;

/** The work that is due now, if any. `early`: for the request that reserved the ticket, before it is due. */
export function dueWork(
  dispatch: Dispatch,
  now: Timestamp,
  early = false,
): 'send' | 'withdraw' | 'find' | 'sweep' | 'overdue' | undefined {
  const { state, nextAttemptAt: due } = dispatch;
  if (due === undefined || (due > now && !(early && state === 'RESERVED'))) return undefined;
  // A dispatch that was reserved under an earlier rule may be beyond the bound.
  if (state === 'RESERVED' && !maySend(dispatch)) return 'find';
  if (state === 'RESERVED') return isWanted(dispatch) ? 'send' : 'withdraw';
  if (state === 'SENDING') return 'overdue';
  if (state === 'UNKNOWN') return 'find';
  return state === 'CONFIRMED' ? 'sweep' : undefined;
}
