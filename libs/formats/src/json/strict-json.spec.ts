import * as fc from 'fast-check';
import { maxDepth } from './json-limits';
import { canonicalJson, JsonNumber, type JsonValue } from './json-value';
import { parseStrictJson } from './strict-json';

const parse = (text: string) => parseStrictJson(Buffer.from(text));

function valueOf(text: string): JsonValue {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

function refusalOf(body: string | Buffer): { problem: string; path?: string } {
  const parsed = parseStrictJson(Buffer.from(body as string));
  if (parsed.ok) throw new Error('it was accepted');
  return parsed;
}

const problemOf = (body: string | Buffer): string => refusalOf(body).problem;
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const number = (lexeme: string): JsonNumber => new JsonNumber(lexeme);

describe('parsing a good body', () => {
  it.each<[string, JsonValue]>([
    ['null', null],
    ['true', true],
    ['false', false],
    ['""', ''],
    ['"abc"', 'abc'],
    ['{}', {}],
    ['[]', []],
    [' \t\r\n[ 1 , 2 ]\n', [number('1'), number('2')]],
    ['{"a":{"b":[null,true,"c"]}}', { a: { b: [null, true, 'c'] } }],
    ['{ "a" : 1 , "b" : 2 }', { a: number('1'), b: number('2') }],
    ['{"":0}', { '': number('0') }],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['"a\\u00e9\\u20AC\\n"', 'aé€\n'],
    ['"\\ud83d\\ude00 and 😀"', '😀 and 😀'],
    ['"\\u0001\\u001f\u007f\u2028"', '\u0001\u001f\u007f\u2028'],
    ['{"\\u0061":1}', { a: number('1') }],
    ['{"toString":1,"hasOwnProperty":2}', { toString: number('1'), hasOwnProperty: number('2') }],
  ])('reads %s', (text, value) => expect(valueOf(text)).toEqual(value));

  it.each([
    '0',
    '-0',
    '7',
    '-12',
    '1.0',
    '0.10',
    '1e3',
    '1E+3',
    '2.5e-10',
    '9007199254740993',
    '1'.repeat(400),
  ])('keeps the number %s as it was written', (lexeme) =>
    expect(valueOf(`[${lexeme}]`)).toEqual([number(lexeme)]),
  );

  it('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), (value) => {
        const text = JSON.stringify(value);
        const parsed = parse(text);
        if (parsed.ok) expect(JSON.parse(canonicalJson(parsed.value))).toEqual(JSON.parse(text));
        else expect(parsed.problem).toMatch(/reserved|U\+0000|stands alone|levels deep/);
      }),
    );
  });

  it('goes as deep as it says', () => {
    expect(parse(nested(maxDepth)).ok).toBe(true);
    expect(parse('{"a":'.repeat(maxDepth) + '1' + '}'.repeat(maxDepth)).ok).toBe(true);
    expect(parse(`[${nested(maxDepth - 1)},${nested(maxDepth - 1)}]`).ok).toBe(true);
  });
});

describe('refusing a body', () => {
  it.each(['', ' \n'])('says that %j is empty', (text) => {
    expect(problemOf(text)).toBe('The body is empty: send a JSON value.');
  });

  it.each([
    ['a stray byte', Buffer.from([0x22, 0xff, 0x22])],
    ['a cut sequence', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
    ['an overlong sequence', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['UTF-16', Buffer.from([0xff, 0xfe, 0x7b, 0x00])],
  ])('refuses invalid UTF-8: %s', (_, bytes) => {
    expect(problemOf(bytes)).toBe('The body is not valid UTF-8: send JSON encoded as UTF-8.');
  });

  it('refuses a byte order mark', () => {
    expect(problemOf('\ufeff{}')).toBe(
      'The body starts with a byte order mark: send plain UTF-8 without one.',
    );
  });

  // prettier-ignore
  it.each([
    '{', '[', '"', '"a', '"\\u12', '{"a"', '{"a":', '{"a":1', '{"a":1,', '[1', '[1,', 'tru', 'nul', '-', '1.', '1e',
    '[1,]', '[,1]', '[1 2]', '[1,,2]', '{,}', '{"a":1,}', '{"a" 1}', '{"a":1 "b":2}', '{a:1}', "{'a':1}", '{1:1}',
    ']', '}', '[}', '{]', '[1}', '{"a":1]', ',', ':', 'undefined', 'NaN', 'Infinity', '-Infinity', 'True', 'nulll',
    '01', '-01', '00', '+1', '.5', '1.e3', '1e+', '0x10', '1_000', '--1', '1a', '1 1', '{} {}', '"a""b"',
    '// c\n1', '/* c */ 1', '1 // c', '"\\x41"', '"\\u00g0"', '"\\u 041"', '"\\U0041"', '"\\\'"', "'a'", '`a`',
    '"a\nb"', '"a\tb"', '"\u0000"', '\u00a01', '\u20281', '\v1', '\f1',
  ])('refuses %j with a sentence', (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(problemOf(text)).toMatch(/^[A-Z].* at line \d+, column \d+.*: .+\.$/);
  });

  it.each([
    '"\\ud83d"',
    '"\\ude00"',
    '"\\ude00\\ud83d"',
    '"\\ude00\\ude00"',
    '"\\ud83dx"',
    '"\\ud83d\\n"',
    '"\\ud83d\\u0041"',
    '"\\uD83D😀"',
  ])('refuses the lone surrogate in %s', (text) =>
    expect(problemOf(text)).toContain('A surrogate escape stands alone'),
  );

  it('refuses U+0000 and says why', () => {
    const refusal = refusalOf('{"note":"a\\u0000b"}');
    expect(refusal.problem).toBe(
      'A string holds U+0000 at line 1, column 11 (note): remove it, for it cannot be stored.',
    );
    expect(refusal.path).toBe('note');
    expect(problemOf('{"a\\u0000":1}')).toContain('U+0000');
  });

  it('names a duplicate member by its path', () => {
    expect(refusalOf('{"adjustment":{"lines":[{},\n {"amount":1,"amount":1}]}}')).toEqual({
      ok: false,
      problem:
        'The member is given twice at line 2, column 14 (adjustment.lines[1].amount): send each member once.',
      path: 'adjustment.lines[1].amount',
    });
  });

  it.each([
    '{"a":1,"\\u0061":2}',
    '{"toString":1,"toString":1}',
    '{"":1,"":2}',
    '{"a":null,"a":null}',
    '{"1":1,"1":2}',
  ])('sees the duplicate in %s', (text) => expect(problemOf(text)).toContain('is given twice'));

  it.each(['__proto__', 'constructor', 'prototype', '\\u005f_proto__'])(
    'refuses the member name %s',
    (name) => {
      expect(problemOf(`{"a":{"${name}":{"polluted":true}}}`)).toContain('The member name is reserved');
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    },
  );

  it('refuses one level too many, of either kind', () => {
    expect(problemOf(nested(maxDepth + 1))).toContain('more than 32 levels deep at line 1, column 33');
    expect(problemOf('[{"a":'.repeat(maxDepth))).toContain('more than 32 levels deep');
  });

  it('quotes unusual names in a path', () => {
    expect(refusalOf('{"a b":{"x.y":[0,!]}}').path).toBe('["a b"]["x.y"][1]');
  });

  it('gives no large piece of the body back', () => {
    const long = 'x'.repeat(5000);
    const bodies = [
      `{"${long}":!}`,
      `{"${long}":1,"${long}":2}`,
      `"${long}`,
      long,
      '1'.repeat(5000) + '.',
      `{"${'y'.repeat(40)}":`.repeat(maxDepth + 1),
    ];
    for (const body of bodies) expect(JSON.stringify(refusalOf(body)).length).toBeLessThan(400);
  });

  it('accepts nothing that JSON.parse refuses', () => {
    const fragment = fc.constantFrom(
      ...'{}[]:,"\\ \n01-.eEu+tfn',
      'true',
      'null',
      '"a"',
      '"b":',
      '\\u0041',
      '\\ud800',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        const text = fragments.join('');
        const parsed = parse(text);
        if (parsed.ok) JSON.parse(text);
        else if (!/twice|reserved|surrogate|U\+0000/.test(parsed.problem))
          expect(() => JSON.parse(text)).toThrow();
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['open brackets', '['.repeat(1_000_000)],
    ['white space', ' \n'.repeat(500_000)],
    ['escapes', `"${'\\n'.repeat(500_000)}`],
    ['digits', '1'.repeat(1_000_000) + 'x'],
    ['members', `{${Array.from({ length: 80_000 }, (_, i) => `"k${i}":1`).join()}`],
  ])('takes no time to speak of over a megabyte of %s', (_, body) => {
    // Of the processor, and the least of three: what else the machine does is no matter of ours.
    const spent = (): number => {
      const before = process.cpuUsage();
      expect(parse(body).ok).toBe(false);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    expect(Math.min(spent(), spent(), spent())).toBeLessThan(500);
  });
});

describe('canonical text', () => {
  const canonical = (text: string): string => canonicalJson(valueOf(text));

  it('sorts members by UTF-16 code unit at every level and leaves arrays alone', () => {
    expect(canonical('{"b":[2,1],"a":{"z":null,"Z":true,"é":"\\u0001"},"😀":0,"\\uffff":0}')).toBe(
      '{"a":{"Z":true,"z":null,"é":"\\u0001"},"b":[2,1],"😀":0,"\uffff":0}',
    );
    expect(canonical('{"10":1,"9":2}')).toBe('{"10":1,"9":2}');
  });

  it('does not depend on spacing, order or escapes', () => {
    expect(canonical('{ "b":1, "\\u0061":"\\/" }')).toBe(canonical('{"a":"/","b":1}'));
  });

  it('keeps apart what differs only in how a number is written, or in kind', () => {
    const texts = [
      '1',
      '1.0',
      '"1"',
      '1e0',
      '[1]',
      '{"1":1}',
      '-0',
      '0',
      'null',
      '"null"',
      '[]',
      '{}',
      '""',
      'false',
    ];
    expect(new Set(texts.map(canonical)).size).toBe(texts.length);
  });

  const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, false),
      fc.string({ unit: fc.constantFrom('a', '1', '"', '\\', ',', ':', '{', 'é', '😀', '\n') }),
      fc.constantFrom('0', '-0', '1', '1.0', '1e0', '9007199254740993').map(number),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.string({ maxLength: 3 }), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));

  it('can be read back to the same value, so no two values share a text', () => {
    fc.assert(fc.property(tree, (value) => expect(valueOf(canonicalJson(value))).toEqual(value)));
  });

  it('is the same for equal values only', () => {
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        let equal = true;
        try {
          expect(a).toEqual(b);
        } catch {
          equal = false;
        }
        expect(canonicalJson(a) === canonicalJson(b)).toBe(equal);
      }),
    );
  });
});
