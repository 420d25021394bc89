import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** The outcome of one HTTP request to an external system. */
export type EgressAnswer =
  /** Any status, redirects too: none is followed. The names of headers are in lower case. */
  | Readonly<{ kind: 'answer'; status: number; headers: Readonly<Record<string, string>>; body: string }>
  /** It was not allowed, or no connection came about: nothing has left. */
  | Readonly<{ kind: 'not_sent'; problem: string }>
  /**
   * It began to leave and no whole answer came: the other side may have acted on it. `status` is there when the head of
   * the answer came before the connection broke or the time was over; it holds, only the body is missing.
   */
  | Readonly<{ kind: 'lost'; problem: string; status?: number }>;

/**
 * One request and what becomes of it. Whether it may have arrived is not guessed from the kind of the error: undici
 * tells when it begins to write, and before that nothing has left.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<EgressAnswer>;
  private settle!: (answer: EgressAnswer) => void;
  private hasLeft = false;
  private status = 0;
  private headers: Record<string, string> = {};
  private readonly chunks: Buffer[] = [];
  private missing: number;

  /** `host` is how problems name the other side. */
  constructor(
    private readonly host: string,
    maxAnswerBytes: number,
  ) {
    this.missing = maxAnswerBytes;
    this.answer = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // undici may start a request anew on another connection, which is not for it to decide here.
    if (this.hasLeft) controller.abort(new Error('A request is sent once.'));
    this.hasLeft = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk.subarray(0, this.missing));
    this.missing -= chunk.length;
    // The status says what happened; no connector can use a body of that length.
    if (this.missing < 0) this.onResponseEnd();
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.chunks).toString('utf8');
    this.settle({ kind: 'answer', status: this.status, headers: this.headers, body });
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    const { host, status } = this;
    const what = problemOf(error);
    // Statuses below 200 only announce the one that counts (RFC 9110, section 15.2).
    if (status >= 200)
      this.settle({
        kind: 'lost',
        status,
        problem: `${host} answered ${status}, but not to the end: ${what}.`,
      });
    else if (this.hasLeft)
      this.settle({
        kind: 'lost',
        problem: `${host} may have taken the request, but gave no whole answer: ${what}.`,
      });
    else this.settle({ kind: 'not_sent', problem: `Nothing was sent to ${host}: ${what}.` });
  }
}

/** The reason why a request to a host was not tried. The message is the end of a sentence. */
export class Refusal extends Error {}

/** Only what is known to hold no secret is repeated: our own words, or the code. */
export function problemOf(error: Error): string {
  if (error instanceof Refusal) return error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return (
    inWords[code] ?? (/CERT|SIGNATURE|ISSUER/.test(code) ? `its certificate is not trusted (${code})` : code)
  );
}

const inWords: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNREFUSED: 'it refused the connection',
  ECONNRESET: 'it broke the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  EPIPE: 'it broke the connection',
  UND_ERR_SOCKET: 'it broke the connection',
  UND_ERR_CONNECT_TIMEOUT: 'it did not take the connection in time',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  AbortError: 'the time was over',
  ABORT_ERR: 'the time was over',
  TimeoutError: 'the time was over',
};
