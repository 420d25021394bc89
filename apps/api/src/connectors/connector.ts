import type { Message } from '@redress/domain';

/** What became of an attempt to create something outside. Only `unknown` leaves open whether it is there. */
export type Sent =
  | Readonly<{ outcome: 'created'; reference: string; url?: string }>
  /** It cannot have arrived, or was told to come later: nothing is there, sending again is safe. */
  | Readonly<{ outcome: 'not_sent'; problem: string; retryAfterMs?: number }>
  /** It was refused for what it says or who says it: nothing is there, sending again is useless. */
  | Readonly<{ outcome: 'refused'; problem: string }>
  /** It may have been created: nobody may send it again before having looked. */
  | Readonly<{ outcome: 'unknown'; problem: string; retryAfterMs?: number }>;

/** What is found under a correlation id. */
export type Found =
  | Readonly<{ outcome: 'found'; tickets: readonly Readonly<{ reference: string; url?: string }>[] }>
  | Readonly<{ outcome: 'none' }>
  /** The other side could not be asked; this says nothing about what is there. */
  | Readonly<{ outcome: 'unavailable'; problem: string; retryAfterMs?: number }>;

/** Whether the other side answers and takes our credentials. `detail` is a sentence for a person. */
export type Tested = Readonly<{ ok: boolean; detail: string }>;

/**
 * One kind of external system. None of these throws for what the network or the other side does; problems are
 * sentences for a person and never contain a secret. Each gives up when `signal` is aborted, which counts as a time-out.
 */
export interface Connector {
  /** Creates a ticket, marked with the correlation id so that `findTicket` finds it. */
  createTicket(correlationId: string, message: Message, signal: AbortSignal): Promise<Sent>;
  /** The tickets marked with the correlation id, oldest first. */
  findTicket(correlationId: string, signal: AbortSignal): Promise<Found>;
  /** Adds a note to a ticket, marked like a ticket. */
  addNote(reference: string, correlationId: string, text: string, signal: AbortSignal): Promise<Sent>;
  /** The notes of a ticket that are marked with the correlation id, oldest first. */
  findNote(reference: string, correlationId: string, signal: AbortSignal): Promise<Found>;
  test(signal: AbortSignal): Promise<Tested>;
}
