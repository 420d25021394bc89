import fc from 'fast-check';
import { cut, limits, validateText } from './text';

describe('the limits', () => {
  it('are whole positive numbers that cannot be changed', () => {
    expect(Object.values(limits).filter((limit) => !Number.isInteger(limit) || limit < 1)).toEqual([]);
    expect(Object.isFrozen(limits)).toBe(true);
  });
});

describe('a text', () => {
  it.each(['a', ' a ', 'a'.repeat(10), '😀'.repeat(10), 'line\nbreak', 'naïve', '\u{10ffff}', '日本語'])(
    'may be %j',
    (text) => {
      expect(validateText(text, 10)).toBeUndefined();
    },
  );

  it.each(['', ' ', '\t\n', '\u00a0', '\u3000', '\ufeff'])(
    'must say something, which %j does not',
    (text) => {
      expect(validateText(text, 10)).toBe('must not be blank');
    },
  );

  it.each([
    'a'.repeat(11),
    '😀'.repeat(11),
    `${'a'.repeat(10)} `,
    '😀'.repeat(10) + 'a',
    'a'.repeat(1_000_000),
  ])('has an end, which is passed here (case %#)', (text) => {
    expect(validateText(text, 10)).toBe('must be at most 10 characters');
  });

  it('must not contain the character that PostgreSQL cannot keep', () => {
    expect(validateText('a\u0000b', 10)).toBe('must not contain the character U+0000');
  });

  it.each(['\ud83d', 'a\ud83db', '\ude00\ud83d', '\ude00'])(
    'must not contain half of a surrogate pair (case %#)',
    (text) => {
      expect(validateText(text, 10)).toBe('must not contain half of a surrogate pair');
    },
  );

  it('is as long as it has code points', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (text, max) => {
          const tooLong = validateText(text, max) === `must be at most ${max} characters`;
          expect(tooLong).toBe(Array.from(text).length > max);
        },
      ),
    );
  });

  it('is kept by UTF-8 when nothing is wrong with it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        fc.pre(validateText(text, 12) === undefined);
        expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
      }),
    );
  });
});

describe('a text that is cut', () => {
  it('keeps as many characters as there may be, and none of them in halves', () => {
    expect(cut('abc', 3)).toBe('abc');
    expect(cut('abcd', 3)).toBe('abc');
    expect(cut('a😀b😀', 3)).toBe('a😀b');
    expect(cut('😀😀', 1)).toBe('😀');
  });
});
