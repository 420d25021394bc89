import { randomBytes, randomInt } from 'node:crypto';

/**
 * A UUIDv7 (RFC 9562), greater than every one this process made before, compared as text or as bytes.
 *
 * Between the version and the node stands a 26-bit counter (the RFC's method 1), seeded at random for each millisecond
 * and counted up within it; the node is 48 fresh random bits. While the clock stands behind the last id, the
 * time of that id is kept and the counter goes on.
 */
export function newId(): string {
  const now = Date.now();
  if (now > time) startMillisecond(now);
  else if (++counter > counterMask) startMillisecond(time + 1);
  const high = (0x7000 | (counter >>> 14)).toString(16);
  const low = (0x8000 | (counter & 0x3fff)).toString(16);
  return `${timePrefix}-${high}-${low}-${randomNode()}`;
}

const counterMask = 0x3ffffff;
const seedLimit = 0x2000000; // half of the range: at least 33 million ids fit into any millisecond
const nodeDigits = 12;
const nodesPerBatch = 256; // one call for randomness costs more than slicing hundreds of nodes from its answer

let time = 0;
let timePrefix = '';
let counter = 0;
let nodes = '';
let nextNode = 0;

function startMillisecond(milliseconds: number): void {
  time = milliseconds;
  counter = randomInt(seedLimit);
  const digits = milliseconds.toString(16).padStart(12, '0');
  timePrefix = `${digits.slice(0, 8)}-${digits.slice(8)}`;
}

function randomNode(): string {
  if (nextNode === nodes.length) {
    nodes = randomBytes((nodesPerBatch * nodeDigits) / 2).toString('hex');
    nextNode = 0;
  }
  return nodes.slice(nextNode, (nextNode += nodeDigits));
}
