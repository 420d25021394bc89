import assert from 'node:assert/strict';
import type { Reversal, ReversalOutcome } from '../exception/reversal';
import type { Refusal } from '../refusal';
import type { Result } from '../result';

/** The value of an outcome that has to be good. */
export function accepted<T>(outcome: Result<T>): T {
  assert.ok(outcome.ok, `refused: ${JSON.stringify(outcome)}`);
  return outcome.value;
}

/** Why not, where it was refused. */
export const refusal = (outcome: Result<unknown>): Refusal | undefined =>
  outcome.ok ? undefined : outcome.refusal;

/** What came of it, as one word: `ok`, or the code of the refusal. */
export const verdict = (outcome: Result<unknown>): string => (outcome.ok ? 'ok' : outcome.refusal.code);

/** The reversal that was posted at once. */
export function reversal(outcome: Result<ReversalOutcome>): Reversal {
  const reversed = accepted(outcome);
  assert.ok(!('proposed' in reversed), 'It was only proposed.');
  return reversed;
}
