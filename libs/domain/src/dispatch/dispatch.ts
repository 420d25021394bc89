import { nextVersion, type Context, type Patch } from '../change';
import { move } from '../lifecycle';
import { ok, type Result } from '../result';
import { cut } from '../value/text';
import { laterBy, type Timestamp } from '../value/timestamp';
import type { Found, Sent } from './answers';
import { lookupMoments, type Assurance } from './assurance';
import {
  type Addressee,
  type DispatchCommand,
  type DispatchKind,
  type DispatchState,
  dispatchLifecycle,
} from './dispatch.lifecycle';
import type { Posting } from '../ledger/posting';
import type { Message } from './message';
import { attemptDelaysMs, nextAttemptAt } from './schedule';

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
] as const satisfies readonly (Sent | Found)['outcome'][];

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
  outcome: (Sent | Found)['outcome'];
  problem?: string;
  reference?: string;
}>;

/** Longer than any attempt may take, so that whoever still has it after that is gone. */
export const leaseMs = 30_000;
/** How long whoever reserved it may keep to itself the first attempt. */
export const headStartMs = 2_000;
/** When a confirmed dispatch that was sent more than once is looked at again. */
const secondSweepMs = 24 * 3_600_000;
/** What is kept of a problem that somebody outside told of, in characters. */
export const problemLength = 500;

/** What becomes of a dispatch. Pure; says nothing about the exception. */
export function decideDispatch(
  dispatch: Dispatch,
  command: DispatchCommand,
  ctx: Context,
  assured: Assurance,
): Result<Dispatch> {
  const next = move(dispatchLifecycle, dispatch.state, command.type);
  if (!next.ok) return next;
  return ok(nextVersion(dispatch, patchOf(dispatch, command, ctx.now, assured), ctx));
}

function patchOf(
  dispatch: Dispatch,
  command: DispatchCommand,
  now: Timestamp,
  assured: Assurance,
): Patch<Dispatch> {
  switch (command.type) {
    case 'send':
      return {
        state: 'SENDING',
        sends: dispatch.sends + 1,
        attempts: dispatch.attempts + 1,
        misses: 0,
        firstSentAt: dispatch.firstSentAt ?? now,
        lastSentAt: now,
        nextAttemptAt: laterBy(now, leaseMs),
      };
    case 'look':
      return { nextAttemptAt: laterBy(now, leaseMs) };
    case 'confirm':
      return confirmed(dispatch, command, now, assured);
    case 'refuse':
      return {
        // What has happened here cannot be returned: a reversal waits for somebody to see to it.
        state: dispatch.posting?.type === 'reversal' ? 'DEAD' : 'FAILED',
        live: false,
        lastError: told(command.problem),
        nextAttemptAt: undefined,
      };
    case 'put_off':
      return { ...again(dispatch, now, command.retryAfterMs), lastError: told(command.problem) };
    case 'lose':
      return { ...lost(dispatch, now, assured, command.retryAfterMs), lastError: told(command.problem) };
    case 'miss':
      return missed(dispatch, now, assured);
    case 'wait':
      return { ...waited(dispatch, now, command.retryAfterMs), lastError: told(command.problem) };
    case 'sweep':
      return swept(dispatch, command.references, now);
    case 'defer':
      return { nextAttemptAt: laterBy(now, command.afterMs), lastError: told(command.problem) };
    case 'withdraw':
      return { state: 'FAILED', live: false, lastError: told(command.reason), nextAttemptAt: undefined };
    case 'redrive': {
      const sent = dispatch.sends > 0 && assured.lookups > 0;
      return { state: sent ? 'UNKNOWN' : 'RESERVED', attempts: 0, misses: 0, nextAttemptAt: now };
    }
    default:
      return command satisfies never;
  }
}

const told = (problem: string): string => cut(problem, problemLength);

function confirmed(
  dispatch: Dispatch,
  { reference, url, duplicates = [] }: Extract<DispatchCommand, { type: 'confirm' }>,
  now: Timestamp,
  { settleMs }: Assurance,
): Patch<Dispatch> {
  // Sent once, there can be but one. Whoever de-duplicates by id has but one as well.
  const doubtful = dispatch.sends > 1 && settleMs > 0;
  return {
    state: 'CONFIRMED',
    externalReference: reference,
    externalUrl: url,
    ...(duplicates.length && { duplicates }),
    lastError: undefined,
    nextAttemptAt: doubtful ? laterBy(now, settleMs) : undefined,
  };
}

/** It is not there for sure: sent again when the schedule says so, as long as anybody wants it. */
function again(dispatch: Dispatch, now: Timestamp, retryAfterMs = 0): Patch<Dispatch> {
  const due = nextAttemptAt(dispatch.id, dispatch.attempts, now);
  if (due === undefined) return { state: 'DEAD', nextAttemptAt: undefined };
  return { state: 'RESERVED', nextAttemptAt: latest(due, laterBy(now, retryAfterMs)) };
}

function lost(dispatch: Dispatch, now: Timestamp, assured: Assurance, retryAfterMs = 0): Patch<Dispatch> {
  if (assured.lookups === 0) return again(dispatch, now, retryAfterMs);
  return {
    state: 'UNKNOWN',
    misses: 0,
    nextAttemptAt: latest(lookupAt(dispatch, 0, assured), laterBy(now, retryAfterMs)),
  };
}

function missed(dispatch: Dispatch, now: Timestamp, assured: Assurance): Patch<Dispatch> {
  const misses = dispatch.misses + 1;
  const settled = now >= laterBy(dispatch.lastSentAt ?? dispatch.requestedAt, assured.settleMs);
  if (misses < assured.lookups || !settled)
    return { misses, nextAttemptAt: latest(lookupAt(dispatch, misses, assured), now) };
  if (!isWanted(dispatch))
    return {
      misses,
      state: 'FAILED',
      nextAttemptAt: undefined,
      lastError: 'It did not arrive, and is not wanted any more.',
    };
  // The settle time was the wait; what the schedule asks for comes on top only where it asks for more.
  return dispatch.attempts < attemptDelaysMs.length
    ? { misses, state: 'RESERVED', nextAttemptAt: now }
    : { misses, state: 'DEAD', nextAttemptAt: undefined };
}

const lookupAt = (dispatch: Dispatch, misses: number, { settleMs }: Assurance): Timestamp =>
  laterBy(dispatch.lastSentAt ?? dispatch.requestedAt, settleMs * (lookupMoments[misses] ?? 1));

/** A look-up that could not be made counts as an attempt, or an other side that is gone would be asked for ever. */
function waited(dispatch: Dispatch, now: Timestamp, retryAfterMs = 0): Patch<Dispatch> {
  const attempts = dispatch.attempts + 1;
  const due = nextAttemptAt(dispatch.id, attempts, now);
  if (due !== undefined) return { attempts, nextAttemptAt: latest(due, laterBy(now, retryAfterMs)) };
  return { ...(dispatch.state === 'UNKNOWN' && { state: 'DEAD' }), attempts, nextAttemptAt: undefined };
}

function swept(dispatch: Dispatch, references: readonly string[], now: Timestamp): Patch<Dispatch> {
  const others = references.filter((reference) => reference !== dispatch.externalReference);
  const duplicates = [...new Set([...(dispatch.duplicates ?? []), ...others])];
  const sweeps = dispatch.sweeps + 1;
  return {
    sweeps,
    ...(duplicates.length && { duplicates }),
    nextAttemptAt: sweeps < 2 ? laterBy(now, secondSweepMs) : undefined,
  };
}

/** A ticket that was taken back is not sent any more; what notes and postings tell has happened, and stays true. */
export const isWanted = ({ live, kind }: Dispatch): boolean => live || kind !== 'ticket';

const latest = (a: Timestamp, b: Timestamp): Timestamp => (a > b ? a : b);

/** What somebody has to see to now, if anything. `early`: by whoever has just reserved it, before it is due. */
export function dueWork(
  dispatch: Dispatch,
  now: Timestamp,
  early = false,
): 'send' | 'withdraw' | 'find' | 'sweep' | 'overdue' | undefined {
  const { state, nextAttemptAt: due } = dispatch;
  if (due === undefined || (due > now && !(early && state === 'RESERVED'))) return undefined;
  if (state === 'RESERVED') return isWanted(dispatch) ? 'send' : 'withdraw';
  if (state === 'SENDING') return 'overdue';
  if (state === 'UNKNOWN') return 'find';
  return state === 'CONFIRMED' ? 'sweep' : undefined;
}
