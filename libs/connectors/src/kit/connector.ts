import type { LookupResult, Message, Posting, SendResult } from '@redress/domain';

export type { LookupResult, SendResult };

/** Whether the other side answers and takes our credentials. `detail` is a sentence for a person. */
export type Tested = Readonly<{ ok: boolean; detail: string }>;

/**
 * One kind of external system. None of these throws for what the network or the other side does; problems are
 * sentences for a person and never contain a secret. Each gives up when `signal` is aborted, which counts as a time-out.
 */
export interface Connector {
  /** Creates a ticket, marked with the correlation id so that `findTicket` finds it. */
  createTicket(correlationId: string, message: Message, signal: AbortSignal): Promise<SendResult>;
  /** The tickets marked with the correlation id, oldest first. */
  findTicket(correlationId: string, signal: AbortSignal): Promise<LookupResult>;
  /** Adds a note to a ticket, marked like a ticket. */
  addNote(reference: string, correlationId: string, text: string, signal: AbortSignal): Promise<SendResult>;
  /** The notes of a ticket that are marked with the correlation id, oldest first. */
  findNote(reference: string, correlationId: string, signal: AbortSignal): Promise<LookupResult>;
  test(signal: AbortSignal): Promise<Tested>;
}

/** Where postings are booked. As strict about the network and about secrets as the others. */
export interface Ledger {
  /** Asks it to book this, or what has become of it: under the same id it is booked once, however often it is asked. */
  post(id: string, posting: Posting, signal: AbortSignal): Promise<SendResult>;
  test(signal: AbortSignal): Promise<Tested>;
}
