import 'reflect-metadata';
import { plainLine, plainText } from '@redress/domain';
import { readBulkFilter } from '../bulk/bulk-filter';
import { RaiseRequest } from '../exception-dto/exception-requests';
import {
  canonicalJson,
  fingerprintOf,
  type JsonLimits,
  messageLimits,
  parseStrictJson,
} from '@redress/formats';
import { invalidRequest } from '../problems/problem';
import { readShape, unknownMembers } from './read-shape';

/*
 * Eight times as much may take a few times eight as long, and not 64 times, whatever else the machine does: of the
 * processor's time, the least of several.
 */
const factor = 8;
const most = 4 * factor;

function growth(make: (n: number) => () => unknown, n: number): number {
  const least = (work: () => unknown): number => {
    const spent = Array.from({ length: 4 }, () => {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      return user + system;
    });
    // A measure of a microsecond says nothing.
    return Math.max(50, ...spent.sort((a, b) => a - b).slice(0, 1));
  };
  const [small, large] = [make(n), make(factor * n)];
  small();
  large();
  return least(large) / least(small);
}

/** The least growth of several measurements: other work on the machine may disturb some of them, and never helps. */
function leastGrowth(make: (n: number) => () => unknown, n: number): number {
  let least = Infinity;
  for (let tries = 0; tries < 5 && least >= most; tries++) least = Math.min(least, growth(make, n));
  return least;
}

const boundless: JsonLimits = {
  ...messageLimits,
  members: Infinity,
  items: Infinity,
  values: Infinity,
  nameLength: Infinity,
  numberLength: Infinity,
};
const parse = (text: string) => () => parseStrictJson(Buffer.from(text), boundless);
const names = (n: number) => Array.from({ length: n }, (_, i) => `name${i}`);

describe('eight times as much takes about eight times as long', () => {
  it.each<[string, (n: number) => () => unknown, number]>([
    ['escapes', (n) => parse(`"${'\\u0041'.repeat(n)}"`), 20_000],
    ['surrogate escapes', (n) => parse(`"${'\\ud83d\\ude00'.repeat(n)}"`), 10_000],
    ['simple escapes', (n) => parse(`"${'\\n'.repeat(n)}"`), 50_000],
    ['escapes and letters in turn', (n) => parse(`"${'\\na'.repeat(n)}"`), 40_000],
    ['line breaks before a fault', (n) => parse(`${'\n'.repeat(n)}!`), 120_000],
    ['white space', (n) => parse(`${' '.repeat(n)}{}`), 120_000],
    ['digits', (n) => parse('1'.repeat(n)), 120_000],
    ['an exponent', (n) => parse(`1e${'1'.repeat(n)}`), 120_000],
    [
      'members',
      (n) =>
        parse(
          `{${names(n)
            .map((name) => `"${name}":1`)
            .join()}}`,
        ),
      5000,
    ],
    ['small arrays', (n) => parse(`[${'[],'.repeat(n)}[]]`), 20_000],
    [
      'a canonical text',
      (n) => {
        const value = Object.fromEntries(names(n).map((name) => [name, name]));
        return () => canonicalJson(value);
      },
      5000,
    ],
    [
      'a fingerprint',
      (n) => {
        const body = 'x'.repeat(n);
        return () => fingerprintOf({ contentType: undefined, ifMatch: undefined, body });
      },
      120_000,
    ],
    [
      'a body with unknown members',
      (n) => {
        const body = Object.fromEntries(names(n).map((name) => [name, 1]));
        return () => readShape(RaiseRequest, body);
      },
      5000,
    ],
    [
      'a body with free-form members',
      (n) => {
        const metadata = Object.fromEntries(names(n).map((name) => [name, 'x']));
        const body = { transactionId: 'x', reason: 'x', metadata };
        return () => readShape(RaiseRequest, body);
      },
      5000,
    ],
    ['an error about many fields', (n) => () => invalidRequest(unknownMembers(names(n))), 5000],
    ['a filter of commas', (n) => () => filter({ reason: 'a,'.repeat(n) }), 60_000],
    ['a filter of quotes', (n) => () => filter({ reason: '"a'.repeat(n) }), 60_000],
    ['a filter of many values', (n) => () => filter({ reason: names(n) }), 5000],
    ['a filter of many names', (n) => () => filter(Object.fromEntries(names(n).map((x) => [x, 'y']))), 2000],
    ['a plain text of line breaks', (n) => () => plainText('\n'.repeat(n), 1000), 120_000],
    ['a plain line of blanks', (n) => () => plainLine(' '.repeat(n), 255), 120_000],
  ])('%s', (_, make, n) => {
    expect(leastGrowth(make, n)).toBeLessThan(most);
  });

  it('but not names looked up in a list, which this finds out', () => {
    const inList = (n: number) => () => names(n).filter((name, i, all) => all.indexOf(name) === i);
    expect(growth(inList, 1500)).toBeGreaterThan(most);
  });
});

/** What is read, or said to be wrong. */
function filter(given: Readonly<Record<string, unknown>>): unknown {
  try {
    return readBulkFilter(given);
  } catch (error) {
    return error;
  }
}
