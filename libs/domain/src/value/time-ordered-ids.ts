/** Where ids get their time and randomness from. */
export type IdSource = Readonly<{
  /** Milliseconds since 1970. */
  nowMs: () => number;
  /** A random integer from 0 to below the limit, from a cryptographically secure source. */
  randomBelow: (limit: number) => number;
  /** So many random hexadecimal digits, from such a source. */
  randomHex: (digits: number) => string;
}>;

const counterMask = 0x3ffffff;
const seedLimit = 0x2000000; // half of the range: at least 33 million ids fit into any millisecond
const nodeDigits = 12;
const nodesPerBatch = 256; // one call for randomness costs more than slicing hundreds of nodes from its answer

/**
 * A generator of UUIDv7 (RFC 9562), each greater than every one it made before, compared as text or as bytes.
 *
 * Between the version and the node stands a 26-bit counter (the RFC's method 1), seeded at random for each millisecond
 * and counted up within it; the node is 48 fresh random bits. While the clock stands behind the last id, the
 * time of that id is kept and the counter goes on.
 */
export function timeOrderedIds({ nowMs, randomBelow, randomHex }: IdSource): () => string {
  let time = 0;
  let timePrefix = '';
  let counter = 0;
  let nodes = '';
  let nextNode = 0;

  const startMillisecond = (milliseconds: number): void => {
    time = milliseconds;
    counter = randomBelow(seedLimit);
    const digits = milliseconds.toString(16).padStart(12, '0');
    timePrefix = `${digits.slice(0, 8)}-${digits.slice(8)}`;
  };
  const randomNode = (): string => {
    if (nextNode === nodes.length) {
      nodes = randomHex(nodesPerBatch * nodeDigits);
      nextNode = 0;
    }
    return nodes.slice(nextNode, (nextNode += nodeDigits));
  };
  return () => {
    const now = nowMs();
    if (now > time) startMillisecond(now);
    else if (++counter > counterMask) startMillisecond(time + 1);
    const high = (0x7000 | (counter >>> 14)).toString(16);
    const low = (0x8000 | (counter & 0x3fff)).toString(16);
    return `${timePrefix}-${high}-${low}-${randomNode()}`;
  };
}
