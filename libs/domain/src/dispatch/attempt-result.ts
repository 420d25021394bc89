/** The result of a send. Only `unknown` leaves open whether the ticket was created. */
export type SendResult =
  | Readonly<{ outcome: 'created'; reference: string; url?: string }>
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
  | Readonly<{ outcome: 'found'; tickets: readonly Readonly<{ reference: string; url?: string }>[] }>
  | Readonly<{ outcome: 'none' }>
  /** The external system could not be asked; this says nothing about whether the ticket exists. */
  | Readonly<{ outcome: 'unavailable'; problem: string; retryAfterMs?: number }>;

/** The result of a claimed attempt. */
export type Report =
  Readonly<{ kind: 'send'; answer: SendResult }> | Readonly<{ kind: 'find' | 'sweep'; answer: LookupResult }>;
