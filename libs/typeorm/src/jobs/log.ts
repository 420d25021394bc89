/** What background work logs through; the log of the HTTP server is one. */
export type Log = Readonly<{
  /** A failure; `facts.err` is the error. */
  error: (facts: object, message: string) => void;
  /** A condition that an operator should know. */
  warn: (message: string) => void;
  /** A detail for developers. */
  debug: (message: string) => void;
}>;
