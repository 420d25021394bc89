import fc from 'fast-check';
import { plainLine, plainText } from './plain';

describe('a plain text', () => {
  it.each([
    ['what it is', 'Amount mismatch', 'Amount mismatch'],
    ['line breaks of every kind', 'a\r\nb\rc\nd\u2028e\u2029f\u0085g', 'a\nb\nc\nd\ne\nf\ng'],
    ['no more than one blank line', 'a\n\n\n\nb', 'a\n\nb'],
    ['no control characters', 'a\u0000b\u0007c\u001b[31md\u007fe\u009ff', 'abc[31mdef'],
    ['nothing that turns directions', 'pay \u202e005\u202c \u2066EUR\u2069', 'pay 005 EUR'],
    ['words from right to left', 'مبلغ غير متطابق', 'مبلغ غير متطابق'],
    ['emoji, joined ones too', '👩‍💻 😀', '👩‍💻 😀'],
    ['whole characters', 'a\ud83db\ude00', 'a\ufffdb\ufffd'],
    ['markup as it is', '<b>*bold*</b> {code} [~admin]', '<b>*bold*</b> {code} [~admin]'],
    ['names of a prototype', '__proto__ toString', '__proto__ toString'],
  ])('has %s', (_what, text, plain) => {
    expect(plainText(text, 100)).toBe(plain);
  });

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['😀😀😀😀', 6, '😀😀…'],
    ['😀😀😀😀', 1, '…'],
    ['ab', 0, ''],
  ])('tells where it was cut: %s to %i', (text, max, cut) => {
    expect(plainText(text, max)).toBe(cut);
  });

  it('keeps to its limit, is well-formed, and stays what it is when made plain again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.nat(60), (text, max) => {
        for (const plain of [plainText, plainLine]) {
          const once = plain(text, max);
          expect(once.length).toBeLessThanOrEqual(max);
          expect(once).not.toMatch(/\p{Surrogate}/u);
          expect(once).not.toMatch(/[^\P{Cc}\n]/u);
        }
        expect(plainLine(text, max)).not.toMatch(/[\n\u2028\u2029]/);
      }),
    );
  });
});

describe('a plain line', () => {
  it('is one', () => {
    expect(plainLine(' a\r\n\tb \u2028 c\u00a0d ', 100)).toBe('a b c d');
  });
});
