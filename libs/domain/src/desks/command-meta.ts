import type { Result } from '../result';

/**
 * What a command comes with: who gives it, for which tenant, and under which conditions. `Reply` is the type of its reply
 * codec; without one, the desk returns the outcome itself.
 */
export type CommandMeta<Reply = undefined> = Readonly<{
  tenant: string;
  actor: string;
  /** Refuse unless the aggregate is at this version. */
  expectedVersion?: number;
  /** Tell what would happen, and do nothing. */
  preview?: boolean;
  /** Idempotency: `key` names one logical request of one caller; `fingerprint` says what was asked, to notice reuse. */
  idempotency?: Readonly<{ key: string; fingerprint: string }>;
  /** What the desk answers with, and keeps under the idempotency key. */
  reply?: Reply | undefined;
}>;

/**
 * Reply codec: turns an outcome into the caller's own answer, such as the exact bytes of an HTTP answer, and that answer
 * into text that is kept under the idempotency key and back.
 */
export type ReplyCodec<T, A> = Readonly<{
  /** Answers an outcome, a refusal included. Runs within the unit of work, and again when that is run again. */
  present: (outcome: Result<T>) => A;
  /** The answer as text, to be kept. */
  encode: (answer: A) => string;
  /** The answer to a repeated request from the text that was kept; the place to mark it as replayed. */
  decode: (kept: string) => A;
  /** Milliseconds for which the answer to this value stays provisional after the commit, until `settle` replaces it. */
  provisionalForMs?: (value: T) => number | undefined;
}>;

/** Outcomes are plain JSON, so they can be kept as they are. */
const outcomeReply: ReplyCodec<unknown, unknown> = {
  present: (outcome) => outcome,
  encode: (answer) => JSON.stringify(answer),
  decode: (kept) => JSON.parse(kept) as unknown,
};

/** The codec a command comes with, or the one that answers with the outcome itself. */
export const replyCodecOf = <T, A>({ reply }: CommandMeta<ReplyCodec<T, A>>): ReplyCodec<T, A> =>
  // Without a codec, A is Result<T> by the default of every desk, which is what outcomeReply answers.
  reply ?? (outcomeReply as unknown as ReplyCodec<T, A>);
