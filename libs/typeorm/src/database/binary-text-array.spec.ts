import fc from 'fast-check';
import { textArray } from './binary-text-array';

const arrayOf = (values: readonly unknown[]) => textArray(values, (value) => value);

/** What PostgreSQL reads: dimensions, whether there are nulls, type, length and first index; then each element. */
function read(bytes: Buffer): { header: number[]; texts: (string | null)[] } {
  const header = [0, 4, 8, 12, 16].map((at) => bytes.readInt32BE(at));
  const texts: (string | null)[] = [];
  for (let at = 20; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    const end = at + 4 + Math.max(length, 0);
    texts.push(length < 0 ? null : bytes.toString('utf8', at + 4, end));
    at = end;
  }
  return { header, texts };
}

describe('an array of texts', () => {
  it.each([
    ['numbers', [1, null, 3], ['1', null, '3']],
    ['truth', [true, undefined], ['true', null]],
    ['moments', [new Date(0)], ['1970-01-01T00:00:00.000Z']],
    ['bytes', [Buffer.from([0, 255])], ['\\x00ff']],
    ['texts', ['', 'NULL', null], ['', 'NULL', null]],
  ])('holds %s', (_, values, texts: (string | null)[]) => {
    const nulls = texts.includes(null) ? 1 : 0;
    expect(read(arrayOf(values)!)).toEqual({ header: [1, nulls, 25, values.length, 1], texts });
  });

  it('of nothing at all is none', () => expect(arrayOf([null, undefined])).toBeNull());

  it('gives back every text, however long', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.nat(500).map((n) => '€'.repeat(n)),
    );
    const texts = fc.array(fc.option(text), { minLength: 1 }).filter((all) => all.some((t) => t !== null));
    fc.assert(fc.property(texts, (all) => expect(read(arrayOf(all)!).texts).toEqual(all)));
  });
});
