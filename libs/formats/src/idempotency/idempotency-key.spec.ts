import { maxKeyLength, readIdempotencyKey } from './idempotency-key';

const x = 'X-Idempotency-Key';
const plain = 'Idempotency-Key';
const uuid = '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e';
const longest = 'k'.repeat(maxKeyLength);

describe('reading an idempotency key', () => {
  it.each<[why: string, rawHeaders: string[], key: string]>([
    ['the X- spelling', [x, 'abc'], 'abc'],
    ['the standard spelling', [plain, 'abc'], 'abc'],
    ['a UUID', [x, uuid], uuid],
    ['one character', [x, 'a'], 'a'],
    ['digits only', [x, '0'], '0'],
    ['every kind of character', [x, 'Az09:_-'], 'Az09:_-'],
    ['the longest', [x, longest], longest],
    ['quotes', [x, '"abc"'], 'abc'],
    ['quotes, the standard spelling', [plain, `"${uuid}"`], uuid],
    ['the longest in quotes', [plain, `"${longest}"`], longest],
    ['a lower-case name', ['x-idempotency-key', 'abc'], 'abc'],
    ['an upper-case name', ['IDEMPOTENCY-KEY', 'abc'], 'abc'],
    ['a mixed name', ['iDempotency-kEy', 'abc'], 'abc'],
    ['other headers around it', ['Host', 'h', x, 'abc', 'Accept', '*/*'], 'abc'],
    ['both, equal', [x, 'abc', plain, 'abc'], 'abc'],
    ['both, in the other order', [plain, 'abc', x, 'abc'], 'abc'],
    ['both, one quoted', [x, 'abc', plain, '"abc"'], 'abc'],
    ['both, both quoted', [x, '"abc"', plain, '"abc"'], 'abc'],
    ['a name that an object inherits', [x, 'constructor'], 'constructor'],
    ['__proto__', [x, '__proto__'], '__proto__'],
  ])('accepts %s', (_, rawHeaders, key) => expect(readIdempotencyKey(rawHeaders)).toEqual({ ok: true, key }));

  it.each<[why: string, rawHeaders: string[]]>([
    ['no header at all', []],
    ['other headers', ['Host', 'h']],
    ['the name as a value', ['Host', x]],
    ['a similar name', ['X-Idempotency-Keys', 'abc', 'Y-Idempotency-Key', 'abc', 'Idempotency_Key', 'abc']],
    ['a name of the same length', ['X-Idempotency-Kez', 'abc', 'Idempotency-Kez', 'abc']],
  ])('finds none in %s', (_, rawHeaders) => expect(readIdempotencyKey(rawHeaders)).toEqual({ ok: true }));

  it.each<[why: string, rawHeaders: string[], problem: string]>([
    ['an empty value', [x, ''], 'is empty'],
    ['an empty value beside a good one', [x, '', plain, 'abc'], 'X-Idempotency-Key is empty'],
    ['a good value beside an empty one', [x, 'abc', plain, ''], 'Idempotency-Key is empty'],
    ['empty quotes', [x, '""'], 'is empty'],
    ['one quote', [x, '"'], 'unbalanced quote'],
    ['an opening quote only', [x, '"abc'], 'unbalanced quote'],
    ['a closing quote only', [x, 'abc"'], 'unbalanced quote'],
    ['a quote with parameters after it', [plain, '"abc";v=1'], 'unbalanced quote'],
    ['a quote inside', [x, 'a"b'], 'may hold only'],
    ['quotes within quotes', [x, '""abc""'], 'may hold only'],
    ['an escaped quote', [x, '"a\\"b"'], 'may hold only'],
    ['single quotes', [x, "'abc'"], 'may hold only'],
    ['a space', [x, 'a b'], 'may hold only'],
    ['a space only', [x, ' '], 'may hold only'],
    ['a leading space in quotes', [x, '" abc"'], 'may hold only'],
    ['a comma, as in joined headers', [x, 'abc, abc'], 'may hold only'],
    ['two quoted strings', [plain, '"abc", "abc"'], 'may hold only'],
    ['a slash', [x, 'a/b'], 'may hold only'],
    ['a dot', [x, 'a.b'], 'may hold only'],
    ['a pipe', [x, 'a|b'], 'may hold only'],
    ['a plus', [x, 'a+b='], 'may hold only'],
    ['a tab', [x, 'a\tb'], 'may hold only'],
    ['a line feed at the end', [x, 'abc\n'], 'may hold only'],
    ['a NUL', [x, 'a\0b'], 'may hold only'],
    ['a letter outside ASCII', [x, 'é'], 'may hold only'],
    ['a letter that folds into ASCII', [x, '\u212a'], 'may hold only'],
    ['one character too many', [x, `${longest}k`], 'is too long'],
    ['one too many in quotes', [x, `"${longest}k"`], 'is too long'],
    ['a very long value', [x, 'k'.repeat(100_000)], 'is too long'],
    ['a very long value of wrong characters', [x, '"'.repeat(100_000)], 'is too long'],
    ['the same header twice', [x, 'abc', x, 'abd'], 'X-Idempotency-Key is given more than once'],
    ['the same header twice, equal', [x, 'abc', x, 'abc'], 'given more than once'],
    ['the same header twice, in two cases', [plain, 'abc', 'idempotency-key', 'abc'], 'given more than once'],
    ['the same header twice, one empty', [x, '', x, 'abc'], 'given more than once'],
    [
      'one header twice beside the other',
      [x, 'abc', plain, 'abc', plain, 'abc'],
      'Idempotency-Key is given more',
    ],
    ['both, different', [x, 'abc', plain, 'abd'], 'differ'],
    ['both, different in case', [x, 'abc', plain, 'ABC'], 'differ'],
    ['both, different, quoted', [x, '"abc"', plain, '"abd"'], 'differ'],
    ['both, the second malformed', [x, 'abc', plain, 'a b'], 'Idempotency-Key may hold only'],
  ])('refuses %s', (_, rawHeaders, problem) => {
    const read = readIdempotencyKey(rawHeaders);
    expect(read).toEqual({ ok: false, problem: expect.stringContaining(problem) });
    expect(!read.ok && read.problem).toMatch(/^[A-Z].*: .+\.$/);
    expect(!read.ok && read.problem.length).toBeLessThan(140);
  });
});
