import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

/** Looks again and again until what it sees is as wanted, and answers that. In vain for so long, it throws. */
export async function lookUntil<T>(
  look: () => T | Promise<T>,
  isWanted: (seen: T) => boolean,
  withinMs = 20_000,
): Promise<T> {
  for (const end = Date.now() + withinMs; ; await pause(20)) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (Date.now() > end)
      throw new Error(`it did not come to that in time, but to ${inspect(seen).slice(0, 500)}`);
  }
}

export async function until(isSo: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  await lookUntil(isSo, Boolean, withinMs);
}
