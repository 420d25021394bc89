import { lineLimits, messageLimits, requestLimits, type JsonLimits } from './json-limits';
import { parseStrictJson } from './strict-json';

const small: JsonLimits = { depth: 4, members: 3, items: 3, values: 12, nameLength: 5, numberLength: 6 };

const list = (n: number, item: (i: number) => string) => Array.from({ length: n }, (_, i) => item(i)).join();
const object = (n: number) => `{${list(n, (i) => `"${i}":0`)}}`;
const array = (n: number) => `[${list(n, () => '0')}]`;

/** For each limit: a text that has so much of it, and what it is refused with when that is too much. */
type Bound = Exclude<keyof JsonLimits, 'lenient'>;
const kinds: Readonly<Record<Bound, [(n: number, limits: JsonLimits) => string, string]>> = {
  depth: [(n) => '['.repeat(n) + ']'.repeat(n), 'The body is nested more than # levels deep'],
  members: [(n) => `[${object(n)}]`, 'An object has more than # members'],
  items: [(n) => `{"a":${array(n)}}`, 'An array has more than # items'],
  values: [
    (n, { items }) => {
      // The outer array, full arrays, and one that holds what is left of the number.
      const full = Math.floor((n - 1) / (items + 1));
      const left = n - 1 - full * (items + 1);
      const rest = left > 0 ? [array(left - 1)] : [];
      return `[${[...Array.from({ length: full }, () => array(items)), ...rest].join()}]`;
    },
    'The body holds more than # values',
  ],
  nameLength: [(n) => `{"${'n'.repeat(n)}":1}`, 'A member name is longer than # characters'],
  numberLength: [(n) => `[-1.${'0'.repeat(n - 5)}e1]`, 'A number is longer than # characters'],
};

/** What the others do to what is too deep, lenient limits do not; strict-json.spec has that. */
const strictMessageLimits = { ...messageLimits, lenient: false };
const tables = { small, requestLimits, lineLimits, strictMessageLimits };

describe.each(Object.entries(tables))('%s', (_, limits) => {
  describe.each(Object.entries(kinds) as [Bound, (typeof kinds)['depth']][])(
    'limit %s',
    (kind, [make, said]) => {
      const limit = limits[kind];
      const read = (n: number, more = '') => parseStrictJson(Buffer.from(make(n, limits) + more), limits);

      it('takes as much as it says', () => {
        expect(read(limit)).toMatchObject({ ok: true });
      });

      it('refuses one more, and names the limit', () => {
        const sentence = new RegExp(`^${said.replace('#', String(limit))} at line 1, column \\d+.*: .+\\.$`);
        expect(read(limit + 1)).toMatchObject({ ok: false, problem: expect.stringMatching(sentence) });
      });

      it('refuses it before what comes behind it', () => {
        const text = make(limit + 1, limits);
        const cut = text.replace(/[\]}]+$/, '');
        expect(parseStrictJson(Buffer.from(`${cut}!\u0000`), limits)).toMatchObject({
          problem: expect.stringContaining(said.replace('#', String(limit))),
        });
      });
    },
  );
});

describe('a limit', () => {
  it('is told with the way to the object, array or number that goes beyond it', () => {
    const pathOf = (text: string) => {
      const parsed = parseStrictJson(Buffer.from(text), small);
      return parsed.ok ? 'it was accepted' : parsed.path;
    };
    expect(pathOf(`{"a":[0,{"b":${array(4)}}]}`)).toBe('a[1].b');
    expect(pathOf(`{"a":[0,${object(4)}]}`)).toBe('a[1]');
    expect(pathOf(`{"a":[1234567]}`)).toBe('a[0]');
    expect(pathOf(`{"a":{"toolong":1}}`)).toBe('a.toolong');
  });

  it('counts each object and array by itself, but all values together', () => {
    const limits = { ...small, values: 100 };
    expect(parseStrictJson(Buffer.from(`[${object(3)},${object(3)},${array(3)}]`), limits).ok).toBe(true);
    expect(parseStrictJson(Buffer.from(`[${object(3)},${object(3)},${array(3)}]`), small).ok).toBe(false);
  });

  it('leaves room for everything that a request may hold', () => {
    const fits = (text: string) => parseStrictJson(Buffer.from(text)).ok;
    // The payload of a callback in 20,000 characters: as many items, and as many members, as fit into them.
    expect(fits(`{"payload":{"a":[${'1,'.repeat(9996)}1]}}`)).toBe(true);
    const letters = Array.from({ length: 3333 }, (_, i) => `"${String.fromCharCode(0x4e00 + i)}":1`);
    expect(fits(`{"payload":{${letters.join()}}}`)).toBe(true);
    expect(fits(`{"exceptionIds":[${list(1001, () => '"019c96a0-10ce-75fc-a273-dc799079a99c"')}]}`)).toBe(
      true,
    );
    const code = '{"code":"A","label":"B","active":true}';
    expect(fits(`{"commands":{"a":[${list(201, () => code)}],"b":[${list(201, () => code)}]}}`)).toBe(true);
  });
});
