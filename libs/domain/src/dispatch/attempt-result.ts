/** What became of an attempt to create something outside. Only `unknown` leaves open whether it is there. */
export type SendResult =
  | Readonly<{ outcome: 'created'; reference: string; url?: string }>
  /** It cannot have arrived, or was told to come later: nothing is there, sending again is safe. */
  | Readonly<{ outcome: 'not_sent'; problem: string; retryAfterMs?: number }>
  /**
   * It was refused for what it says or who says it: nothing is there, sending again is useless. `unseen`: it was turned
   * away at the door, which says nothing about what became of earlier attempts.
   */
  | Readonly<{ outcome: 'refused'; problem: string; unseen?: true }>
  /** It was taken, and what becomes of it will be told. Only of postings, which may be sent again to ask. */
  | Readonly<{ outcome: 'accepted'; problem: string; retryAfterMs?: number }>
  /**
   * It answered with success (2xx) and without a usable reference. It counts as created and is never sent again, only
   * looked up for its reference. Not for receivers that de-duplicate by id: there a success is `created`.
   */
  | Readonly<{ outcome: 'received'; problem: string; retryAfterMs?: number }>
  /** It may have been created: it is looked up before it is sent again, and sent again once at most. */
  | Readonly<{ outcome: 'unknown'; problem: string; retryAfterMs?: number }>;

/** What is found under a correlation id, oldest first. */
export type LookupResult =
  | Readonly<{ outcome: 'found'; tickets: readonly Readonly<{ reference: string; url?: string }>[] }>
  | Readonly<{ outcome: 'none' }>
  /** The other side could not be asked; this says nothing about what is there. */
  | Readonly<{ outcome: 'unavailable'; problem: string; retryAfterMs?: number }>;

/** What whoever took on a piece of work brings back. */
export type Report =
  Readonly<{ kind: 'send'; answer: SendResult }> | Readonly<{ kind: 'find' | 'sweep'; answer: LookupResult }>;
