/** What background work logs through; the log of the HTTP server is one. */
export type Log = Readonly<{
  error: (facts: object, message: string) => void;
  warn: (message: string) => void;
  debug: (message: string) => void;
}>;
