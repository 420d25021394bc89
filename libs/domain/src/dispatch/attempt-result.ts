/**
 * A ticket or a note in the external system. `reference` is what people call it, such as `OPS-7`; it may change. `id` is
 * what the system itself knows it by, and never changes; absent where there is no such id.
 */
export type ExternalTicket = Readonly<{ reference: string; url?: string; id?: string }>;

/** The result of a send. Only `unknown` leaves open whether the ticket was created. */
export type SendResult =
  /** `problem`: it was created, and not with everything that was sent, such as fields that the system does not take. */
  | (Readonly<{ outcome: 'created'; problem?: string }> & ExternalTicket)
  /** It cannot have arrived, or was rejected for the moment: nothing was created, sending again is safe. */
  | Readonly<{ outcome: 'not_sent'; problem: string; retryAfterMs?: number }>
  /**
   * It was refused for its content or its sender: nothing was created, sending again is useless. `unseen`: it was refused
   * before it was read (such as by authentication), which says nothing about the outcome of earlier attempts.
   */
  | Readonly<{ outcome: 'refused'; problem: string; unseen?: true }>
  /** It was accepted, and the answer follows later. Only of postings, which may be sent again to ask for it. */
  | Readonly<{ outcome: 'accepted'; problem: string; retryAfterMs?: number }>
  /**
   * It answered with success (2xx) and without a usable reference. It counts as created and is never sent again, only
   * looked up for its reference. Not for receivers that de-duplicate by id: there a success is `created`.
   */
  | Readonly<{ outcome: 'received'; problem: string; retryAfterMs?: number }>
  /** It may have been created: it is looked up before it is sent again, and sent again once at most. */
  | Readonly<{ outcome: 'unknown'; problem: string; retryAfterMs?: number }>;

/** The result of a look-up by correlation id; tickets are sorted from the oldest. */
export type LookupResult =
  | Readonly<{ outcome: 'found'; tickets: readonly ExternalTicket[] }>
  /**
   * The search showed nothing. `conclusive`: it was proven to show this account what it creates, so nothing is there. Without
   * that proof the ticket may be there all the same, and nothing is sent again; `problem` says why there is no proof.
   */
  | Readonly<{ outcome: 'none'; conclusive?: boolean; problem?: string }>
  /** The external system could not be asked; this says nothing about whether the ticket exists. */
  | Readonly<{ outcome: 'unavailable'; problem: string; retryAfterMs?: number }>;

/** The result of a claimed attempt. */
export type Report =
  Readonly<{ kind: 'send'; answer: SendResult }> | Readonly<{ kind: 'find' | 'sweep'; answer: LookupResult }>;
