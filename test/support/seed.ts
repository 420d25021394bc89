import { randomInt } from 'node:crypto';

const given = process.env['REDRESS_SEED'];
const seed = given === undefined ? randomInt(2 ** 31) : Number(given);

/** A number from 0 up to 1, and what is made of it; the same sequence for the same seed. */
export class Randomness {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
}

/** A test of what is random. Its failure names the seed, with which the same is tried again. */
export function itWithSeed(
  name: string,
  test: (random: Randomness, seed: number) => Promise<void>,
  timeoutMs?: number,
): void {
  it(
    name,
    async () => {
      try {
        await test(new Randomness(seed), seed);
      } catch (error) {
        (error as Error).message += `\n\nREDRESS_SEED=${seed} tries the same again.`;
        throw error;
      }
    },
    timeoutMs,
  );
}

const long = process.env['REDRESS_FAULTS'] === 'long';

/** How much of it: what every run can afford, or with REDRESS_FAULTS=long what convinces. */
export const shortOrLong = (short: number, thorough: number): number => (long ? thorough : short);

/** Does the work in order, so many at a time. */
export async function inParallel<T, R>(
  items: readonly T[],
  atATime: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return results;
}
