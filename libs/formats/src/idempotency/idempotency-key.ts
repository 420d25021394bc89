/** The longest key accepted, in characters, without its quotes. */
export const maxKeyLength = 128;

/** A key, none, or why what was sent is no key: a sentence for the sender. */
export type IdempotencyKey = { ok: true; key?: string } | { ok: false; problem: string };

const spellings = ['X-Idempotency-Key', 'Idempotency-Key'];
const allowed = /^[A-Za-z0-9:_-]+$/;

/**
 * Reads the key from `X-Idempotency-Key` or `Idempotency-Key`, bare or as an RFC 8941 string in double quotes.
 * Takes Node's raw header list (name, value, name, value …), because the parsed headers hide a repeated one.
 */
export function readIdempotencyKey(rawHeaders: readonly string[]): IdempotencyKey {
  const keys: string[] = [];
  for (const spelling of spellings) {
    const [value, ...repeated] = valuesOf(spelling, rawHeaders);
    if (value === undefined) continue;
    if (repeated.length > 0) return refuse(`${spelling} is given more than once: send it once.`);
    const read = keyFrom(spelling, value);
    if (typeof read !== 'string') return read;
    keys.push(read);
  }
  const [key, other = key] = keys;
  if (key === undefined) return { ok: true };
  if (key !== other)
    return refuse(`${spellings.join(' and ')} differ: send one of them, or the same key in both.`);
  return { ok: true, key };
}

function valuesOf(spelling: string, rawHeaders: readonly string[]): string[] {
  const wanted = spelling.toLowerCase();
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = [rawHeaders[i], rawHeaders[i + 1]];
    // Lengths first: nearly every header is passed over without being lower-cased.
    if (name.length === wanted.length && name.toLowerCase() === wanted) values.push(value);
  }
  return values;
}

function keyFrom(spelling: string, value: string): string | (IdempotencyKey & { ok: false }) {
  const tooLong = `${spelling} is too long: send at most ${maxKeyLength} characters.`;
  if (value.length > maxKeyLength + '""'.length) return refuse(tooLong);
  const opened = value.startsWith('"');
  if (opened !== value.endsWith('"') || value === '"') {
    return refuse(`${spelling} has an unbalanced quote: send the key in double quotes, or without any.`);
  }
  const key = opened ? value.slice(1, -1) : value;
  if (key.length > maxKeyLength) return refuse(tooLong);
  if (key === '') return refuse(`${spelling} is empty: send a key, or leave the header out.`);
  if (!allowed.test(key)) {
    return refuse(
      `${spelling} may hold only letters, digits, ":", "_" and "-": send such a key, a UUID for example.`,
    );
  }
  return key;
}

function refuse(problem: string): IdempotencyKey & { ok: false } {
  return { ok: false, problem };
}
