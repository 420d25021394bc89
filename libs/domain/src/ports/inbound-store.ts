import type { ConnectionTarget } from '../connection/connection';
import type { InboundMessage } from '../inbound/message';
import type { Timestamp } from '../value/timestamp';
import type { Ports, Transaction } from './stores';

/** What is asked about a message before anything is decided. */
export type InboundQuery = Readonly<{
  connectionId: string;
  target: ConnectionTarget;
  messageId: string;
  /** SHA-256 of the body, in hexadecimal. */
  digest: string;
  reference?: string | undefined;
  /** What the external system knows the ticket by: `externalId` of a dispatch. */
  ticketId?: string | undefined;
  /** The reference that the ticket had before it was moved. */
  movedFrom?: string | undefined;
  /** Ids of dispatches. */
  marks: readonly string[];
  exceptionId?: string | undefined;
}>;

/** What the store knows about a message and its ticket. */
export type InboundMatch = Readonly<{
  /** The message was received before, under this id or with this digest. */
  seen: boolean;
  /** The latest change of this ticket that any message of this connection reported, under whatever reference. */
  newest?: Timestamp;
  /**
   * The dispatch with this ticket id; else with this reference, or the one before a move; else one it is marked with, or one
   * of the named exception: live ones first.
   */
  dispatchId?: string;
}>;

/** The store of inbound messages within a unit of work. */
export interface InboundStore {
  /** Dispatches to this target alone; with an exception, those of this exception alone. Notes are no tickets. */
  find(query: InboundQuery): Promise<InboundMatch>;
  /** Stores a message. Does not commit when it was received before, by id or digest. */
  keep(message: InboundMessage): Promise<void>;
}

/** A unit of work of the desk in which a message is stored together with what it does. */
export interface InboundTransaction extends Pick<Transaction, 'exceptions' | 'dispatches'> {
  readonly messages: InboundStore;
}

/** The ports of the inbound desk. */
export type InboundPorts = Ports<InboundTransaction>;
