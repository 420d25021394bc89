import type { RefusalTitle } from './api';

/** An expected "no": `title` is for programs, `message` for people, `details` has the facts. */
export type Refusal<Title extends string = RefusalTitle> = Readonly<{
  status: number;
  title: Title;
  message: string;
  details: Readonly<Record<string, unknown>>;
  requestId: string | undefined;
}>;

/** A call that succeeded: the value, the HTTP status (200, 201, 202 or 204), and the id of the request in the logs. */
export type Done<Value> = Readonly<{
  ok: true;
  status: number;
  value: Value;
  /** The version of what was answered, for `ifMatch`. */
  etag?: string;
  /** Whether this is the answer to an earlier request with the same idempotency key. */
  replayed?: boolean;
  requestId: string | undefined;
}>;

/** A call that was refused. Nothing was changed. */
export type Refused<Title extends string = RefusalTitle> = Readonly<{ ok: false; refusal: Refusal<Title> }>;

/**
 * The outcome of a call, discriminated by `ok`. A refusal is a value, so that a program handles it like any other outcome.
 */
export type Answer<Value, Title extends string = RefusalTitle> = Done<Value> | Refused<Title>;

/** No try was answered; `cause` is what the last try failed with. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** The answer did not come from the service: a proxy, or a wrong `baseUrl`. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor(
    readonly status: number,
    /** The beginning of it. */
    readonly text: string,
    readonly requestId: string | undefined,
  ) {
    super(
      `The answer with status ${status} is not one of the service: ${JSON.stringify(text.slice(0, 100))}`,
    );
  }
}

/** A refusal where only a value would do: in an iteration, and in `unwrap`. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(readonly refusal: Refusal) {
    super(`${refusal.title}: ${refusal.message}`);
  }
}

/** The value, or a `RefusedError`. */
export function unwrap<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  throw new RefusedError(answer.refusal);
}

/** What the transport made of a response: its body as text or stream, or of a failure as parsed as can be. */
export type Received = { data?: unknown; error?: unknown; response: Response };

/** Reads the value of an answer with `read`, which may throw for want of one. */
export function readAnswer<Value>(
  { data, error, response }: Received,
  read: (data: unknown) => Value,
): Answer<Value> {
  const { status, headers, ok } = response;
  const requestId = headers.get('x-request-id') ?? undefined;
  const unexpected = (text: unknown) =>
    new UnexpectedAnswer(
      status,
      (typeof text === 'string' ? text : JSON.stringify(text ?? '')).slice(0, 1000),
      requestId,
    );
  if (!ok) {
    if (!isErrorBody(error)) throw unexpected(error);
    const { title, message, details = {} } = error;
    return { ok: false, refusal: { status, title: title as RefusalTitle, message, details, requestId } };
  }
  const etag = headers.get('etag');
  const replayed = headers.get('x-idempotency-replayed');
  try {
    return {
      ok: true,
      status,
      value: read(data),
      ...(etag !== null && { etag }),
      ...(replayed !== null && { replayed: replayed === 'true' }),
      requestId,
    };
  } catch {
    throw unexpected(data);
  }
}

/** The value in the text of an answer; only one that says so has none. */
export const jsonOf =
  ({ status }: Response) =>
  (text: unknown): unknown =>
    status === 204 ? undefined : JSON.parse(text as string);

type ErrorBody = { title: string; message: string; details?: Record<string, unknown> };

const isErrorBody = (body: unknown): body is ErrorBody => {
  const { title, message } = (body ?? {}) as Partial<ErrorBody>;
  return typeof title === 'string' && typeof message === 'string';
};
