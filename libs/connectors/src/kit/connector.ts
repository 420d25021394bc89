import type { ExternalTicket, LookupResult, Message, Posting, SendResult } from '@redress/domain';

export type { ExternalTicket, LookupResult, SendResult };

/**
 * The result of a connection test: whether the external system answers and accepts the credentials. `detail` is a
 * sentence for a person.
 */
export type Tested = Readonly<{ ok: boolean; detail: string }>;

/** What a connection test says where nothing shows that the account sees what it creates. */
export const unseen =
  'Not proven: that the account sees what it creates; until it is, a dispatch without a clear answer waits for a person.';

/**
 * A connector: one kind of external system. No method throws for what the network or the external system does. Problems
 * are sentences for a person and never contain a secret. Each call gives up when `signal` is aborted, which counts as a
 * time-out.
 */
export interface Connector {
  /** Creates a ticket, marked with the correlation id so that `findTicket` finds it. */
  createTicket(correlationId: string, message: Message, signal: AbortSignal): Promise<SendResult>;
  /**
   * The tickets marked with the correlation id, oldest first. `none` is conclusive only where the same way of looking was
   * seen to show what this account creates; without that nothing is sent again. `message` is what was sent.
   */
  findTicket(correlationId: string, signal: AbortSignal, message?: Message): Promise<LookupResult>;
  /** Adds a note to a ticket, marked like a ticket. */
  addNote(reference: string, correlationId: string, text: string, signal: AbortSignal): Promise<SendResult>;
  /** The notes of a ticket that are marked with the correlation id, oldest first. */
  findNote(reference: string, correlationId: string, signal: AbortSignal): Promise<LookupResult>;
  /**
   * Tests what dispatching needs: address, credentials, rights and fields, and that the account sees what it creates. It
   * changes nothing in the external system, and says what it could not prove.
   */
  test(signal: AbortSignal): Promise<Tested>;
}

/** A ledger, which books postings. The rules of `Connector` about errors, secrets and `signal` apply. */
export interface Ledger {
  /**
   * Asks the ledger to book a posting, or what became of it. It books a posting once for each id, however often it is
   * asked.
   */
  post(id: string, posting: Posting, signal: AbortSignal): Promise<SendResult>;
  /** Tests address and credentials, and changes nothing in the external system. */
  test(signal: AbortSignal): Promise<Tested>;
}
