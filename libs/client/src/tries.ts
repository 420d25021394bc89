import { NoAnswer } from './answer';

/** How a request is repeated that was not answered, or was answered with 429, 502, 503, 504 or `request_in_progress`. */
export type Retries = Readonly<{
  /** The most tries of a call; default 4. 1 means no repeats. */
  attempts?: number | undefined;
  /** About the pause after the first try, in milliseconds; default 200. Each later pause is twice as long. */
  baseDelayMs?: number | undefined;
  /** The longest pause, in milliseconds, also where `Retry-After` asks for a longer one; default 10,000. */
  maxDelayMs?: number | undefined;
  /** The time after which a try counts as lost, in milliseconds; default 30,000. Files have no such limit. */
  timeoutMs?: number | undefined;
}>;

/** The `fetch` of the platform, or a function that takes its place, as in a test. */
export type Fetch = (request: Request) => Promise<Response>;

export type Connection = Readonly<{
  fetch: Fetch;
  /** Asked before every try, for a token may expire while waiting. */
  token: () => string | Promise<string>;
  retries: Retries;
}>;

/** What may be done with a request: repeated, given up after a while, answered bit by bit. */
export type Manner = Readonly<{ repeat: boolean; timed: boolean; stream: boolean }>;

/** Sends until there is an answer worth showing: the first, for what cannot be repeated. */
export async function send(request: Request, manner: Manner, connection: Connection): Promise<Response> {
  const { signal } = request;
  const { attempts: wanted = 4, baseDelayMs = 200, maxDelayMs = 10_000 } = connection.retries;
  const attempts = manner.repeat ? Math.max(1, wanted) : 1;
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt >= attempts;
    const token = await connection.token();
    signal.throwIfAborted();
    // What is tried for the last time needs no copy, which a stream could not give.
    const outcome = await tryOnce(isLast ? request : request.clone(), token, manner, connection).catch(lost);
    signal.throwIfAborted();
    if (outcome instanceof Lost) {
      if (isLast) throw noAnswer(request, attempts, outcome.cause);
    } else if (isLast || !(await isTemporary(outcome))) {
      return outcome;
    }
    const backoff = baseDelayMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
    const asked = outcome instanceof Lost ? 0 : retryAfterMs(outcome);
    await pause(Math.min(maxDelayMs, Math.max(backoff, asked)), signal);
  }
}

class Lost {
  constructor(readonly cause: unknown) {}
}
const lost = (cause: unknown): Lost => new Lost(cause);

const noAnswer = ({ url }: Request, attempts: number, cause: unknown): NoAnswer => {
  const tried = attempts === 1 ? 'once' : `${attempts} times`;
  return new NoAnswer(`No answer from ${new URL(url).origin}, tried ${tried}.`, { cause });
};

async function tryOnce(
  request: Request,
  token: string,
  { timed, stream }: Manner,
  { fetch, retries: { timeoutMs = 30_000 } }: Connection,
): Promise<Response> {
  const attempt = timed
    ? new Request(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]) })
    : request;
  attempt.headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(attempt);
  return stream && response.ok ? response : whole(response);
}

const bodiless: readonly number[] = [204, 205, 304];

/** An answer counts when all of it has come: one that breaks off is none, and may be asked for again. */
async function whole(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  const text = await response.text();
  return new Response(bodiless.includes(status) ? null : text, { status, statusText, headers });
}

/** What says nothing about the request: it was not seen, or is to come again. */
const temporary: readonly number[] = [429, 502, 503, 504];

async function isTemporary(response: Response): Promise<boolean> {
  if (response.status !== 409) return temporary.includes(response.status);
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return (body as { title?: unknown } | undefined)?.title === 'request_in_progress';
}

/** Seconds or a date, as HTTP has it; 0 where it says neither. */
function retryAfterMs({ headers }: Response): number {
  const asked = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - Date.now();
  return Math.max(0, ms || 0);
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
