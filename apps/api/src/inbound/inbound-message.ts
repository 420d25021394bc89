import type { CallbackStatus, Timestamp } from '@redress/domain';
import type { ConnectionTarget } from '../connections/open-connection';

/**
 * What became of a message. `refused`: it asks for something that is not done, and a person should look at the reason;
 * `recorded`: there is nothing to do about it. One that was received before is answered `duplicate`, and not kept again.
 */
export const inboundOutcomes = [
  'applied',
  'stale',
  'echo',
  'unknown_status',
  'no_such_exception',
  'refused',
  'recorded',
] as const;
export type InboundOutcome = (typeof inboundOutcomes)[number];

/** What a message says about a ticket, or a ledger about a posting, in our words. */
export type Says =
  | Readonly<{ what: 'done'; notes?: string }>
  | Readonly<{ what: 'taken_up'; assignee?: string; dueAt?: Timestamp }>
  | Readonly<{ what: 'not_begun' }>
  /** They will not do it. */
  | Readonly<{ what: 'returned'; notes?: string; dueAt?: Timestamp }>
  | Readonly<{ what: 'deleted' }>
  | Readonly<{ what: 'posted'; reference?: string }>
  | Readonly<{ what: 'not_posted'; reason: string }>
  /** It tells of what we did there ourselves. */
  | Readonly<{ what: 'echo' }>
  /** Nothing about how far the ticket is. */
  | Readonly<{ what: 'nothing' }>
  | Readonly<{ what: 'unknown_status'; problem: string }>
  | Readonly<{ what: 'unreadable'; problem: string }>;

/** The status a callback has for what a message says; the others bring no callback. */
export const callbackStatusOf: Readonly<Partial<Record<Says['what'], CallbackStatus>>> = {
  done: 'RESOLVED',
  taken_up: 'ASSIGNED',
  returned: 'OPEN',
};

/** A message as it was understood. */
export type Heard = Readonly<{
  /** What tells it from all others of its connection, where the message says so itself. */
  id?: string;
  /** As the other side calls it, such as `jira:issue_updated`. */
  kind: string;
  /** What the ticket is called over there. */
  reference?: string;
  /** The dispatches it is marked with: a message may overtake the answer that tells us the reference. */
  marks: readonly string[];
  exceptionId?: string;
  /** When it changed over there, by which messages are put in order. */
  at?: Timestamp;
  says: Says;
}>;

/** An authentic message as it is kept, whatever became of it. */
export type InboundMessage = Readonly<{
  id: string;
  connectionId: string;
  target: ConnectionTarget;
  messageId: string;
  /** Of all its bytes: identifiers of Jira are not signed, so the same words are the same message. */
  digest: Buffer;
  receivedAt: Timestamp;
  kind: string;
  externalReference?: string;
  changedAt?: Timestamp;
  exceptionId?: string;
  dispatchId?: string;
  outcome: InboundOutcome;
  /** For a person. */
  reason?: string;
  /** What was sent, as text, up to a limit. */
  body: string;
}>;
