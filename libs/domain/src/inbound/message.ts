import type { ConnectionTarget } from '../connection/connection';
import type { CallbackStatus } from '../exception/callback';
import type { Timestamp } from '../value/timestamp';

/**
 * What became of an inbound message. `refused`: it asks for something that is not done, and a person should read the
 * reason; `recorded`: there is nothing to do about it. A repeated message is answered `duplicate` and not stored again.
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
/** The outcome of an inbound message. */
export type InboundOutcome = (typeof inboundOutcomes)[number];

/** What a message says about a ticket or, from a ledger, about a posting: the same words for every external system. */
export type TicketUpdate =
  | Readonly<{ type: 'done'; notes?: string }>
  | Readonly<{ type: 'taken_up'; assignee?: string; dueAt?: Timestamp }>
  | Readonly<{ type: 'not_begun' }>
  /** The external system will not do it. */
  | Readonly<{ type: 'returned'; notes?: string; dueAt?: Timestamp }>
  | Readonly<{ type: 'deleted' }>
  | Readonly<{ type: 'posted'; reference?: string }>
  | Readonly<{ type: 'not_posted'; reason: string }>
  /** The message reports a change that was made from here. */
  | Readonly<{ type: 'echo' }>
  /** Nothing about the progress of the ticket. */
  | Readonly<{ type: 'nothing' }>
  | Readonly<{ type: 'unknown_status'; problem: string }>
  | Readonly<{ type: 'unreadable'; problem: string }>;

/** The callback status of an update; an update that is not listed makes no callback. */
export const callbackStatusOf: Readonly<Partial<Record<TicketUpdate['type'], CallbackStatus>>> = {
  done: 'RESOLVED',
  taken_up: 'ASSIGNED',
  returned: 'OPEN',
};

/** A message as the parser of its connector understood it. */
export type ParsedMessage = Readonly<{
  /** Identifies the message among all of its connection, where its body says so. */
  id?: string;
  /** The event type in the words of the external system, such as `jira:issue_updated`. */
  kind: string;
  /** The ticket, as it is called in the external system. */
  reference?: string;
  /** What the external system knows the ticket by, and never changes, also when the ticket is moved. */
  ticketId?: string;
  /** The reference that the ticket had before, where the message says that it was moved. */
  movedFrom?: string;
  /** Ids of the dispatches that the ticket is marked with: a message may overtake the answer with the reference. */
  marks: readonly string[];
  exceptionId?: string;
  /** When the ticket changed in the external system; messages are ordered by it. */
  at?: Timestamp;
  update: TicketUpdate;
}>;

/** An authentic message as it is stored, whatever became of it. */
export type InboundMessage = Readonly<{
  id: string;
  connectionId: string;
  target: ConnectionTarget;
  messageId: string;
  /** SHA-256 of the whole body in hexadecimal: message ids of Jira are not signed, so the same body is the same message. */
  digest: string;
  receivedAt: Timestamp;
  kind: string;
  externalReference?: string;
  changedAt?: Timestamp;
  exceptionId?: string;
  dispatchId?: string;
  outcome: InboundOutcome;
  /** A sentence for a person. */
  reason?: string;
  /** The body as text, cut off at a limit. */
  body: string;
}>;
