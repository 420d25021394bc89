import type { Refusal, RefusalCode } from '@redress/domain';
import { errorBody, refusalContent } from '../problems/problem';

/** Exactly what is sent: also what is kept for an idempotency key, so that a replay is the same to the byte. */
export class HttpAnswer {
  private kept = false;

  constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, string>>,
    readonly body: string,
    readonly replayed = false,
    /** Why the domain refused the request, if it did. */
    readonly refusal?: RefusalCode,
  ) {}

  static json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
    return new HttpAnswer(
      status,
      { 'content-type': 'application/json; charset=utf-8', ...headers },
      JSON.stringify(body),
    );
  }

  /** The answer to a request that joined this one's flight: a replay, unless the answer was not kept for its key. */
  shared(): HttpAnswer {
    return this.kept ? new HttpAnswer(this.status, this.headers, this.body, true) : this;
  }

  /** As text to be kept: status and headers as JSON on the first line, then the body. */
  encode(): string {
    this.kept = true;
    return `${JSON.stringify([this.status, this.headers])}\n${this.body}`;
  }

  /** The kept answer to an earlier request, marked as a replay. */
  static decode(kept: string): HttpAnswer {
    const end = kept.indexOf('\n');
    const [status, headers] = JSON.parse(kept.slice(0, end)) as [number, Record<string, string>];
    return new HttpAnswer(status, headers, kept.slice(end + 1), true);
  }
}

/** A refusal, in the error shape that the client accepts. */
export function refusalAnswer(refusal: Refusal, accept: string | undefined): HttpAnswer {
  const content = refusalContent(refusal);
  const { type, body } = errorBody(content, accept);
  const retry = refusal.code === 'request_in_progress' && { 'retry-after': '1' };
  return new HttpAnswer(content.status, { 'content-type': type, ...retry }, body, false, refusal.code);
}
