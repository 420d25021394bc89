import fc from 'fast-check';
import { arrayLiteral } from './array-literal';

const literalOf = (type: string, values: readonly unknown[]) => arrayLiteral(type, values, (value) => value);

/** What PostgreSQL reads from a literal of quoted elements: a backslash means the character after it, whatever it is. */
const read = (literal: string): (string | null)[] =>
  [...literal.slice(1, -1).matchAll(/"((?:[^"\\]|\\[^])*)"|NULL/g)].map(([whole, text]) =>
    whole === 'NULL' ? null : (text ?? '').replace(/\\([^])/g, '$1'),
  );

describe('an array literal', () => {
  it.each([
    ['int4', [1, null, 3], '{1,NULL,3}'],
    ['bool', [true, undefined], '{true,NULL}'],
    ['timestamptz', [new Date(0)], '{1970-01-01T00:00:00.000Z}'],
    ['bytea', [Buffer.from([0, 255])], '{"\\\\x00ff"}'],
    ['text', ['', 'NULL', null], '{"","NULL",NULL}'],
    ['json', ['{"a":"\\n"}'], '{"{\\"a\\":\\"\\\\n\\"}"}'],
  ])('of %s is as PostgreSQL reads it (case %#)', (type, values, expected) => {
    expect(literalOf(type, values)).toBe(expected);
  });

  it('of nothing at all is none', () => expect(literalOf('text', [null, undefined])).toBeNull());

  it('gives back every text', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', '\\', '\n', '\b', '\u001f', ',', '{', '😀', 'é'),
    });
    const texts = fc.array(fc.option(text), { minLength: 1 }).filter((all) => all.some((t) => t !== null));
    fc.assert(fc.property(texts, (all) => expect(read(literalOf('text', all) ?? '')).toEqual(all)));
  });
});
