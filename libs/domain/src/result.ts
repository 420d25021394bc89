import type { Refusal } from './refusal';

/** An expected outcome: a value, or a refusal that says why not. What is thrown is a bug or broken infrastructure. */
export type Result<T> = Readonly<{ ok: true; value: T } | { ok: false; refusal: Refusal }>;

/** A success. */
export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
/** A refusal, as a value. */
export const refuse = (refusal: Refusal): Result<never> => ({ ok: false, refusal });
