import { root } from './support/command';

type Check = {
  unclearWords: (file: string, text: string) => string[];
  unclearWordsOf: (root: string) => string[];
};
const { unclearWords, unclearWordsOf } = jest.requireActual<Check>('../../scripts/words-check.mjs');

// Assembled, so that this file does not say the words that it looks for.
const pronoun = ['some', 'body'].join('');
const vague = ['to', 'ld'].join('');

describe('the words of this project', () => {
  it('are used everywhere', () => {
    expect(unclearWordsOf(root)).toEqual([]);
  }, 120_000);

  it.each([
    ['a comment', 'a.ts', `const a = 1; // ${pronoun} uses it`],
    ['a comment of several lines', 'a.ts', `/**\n * For ${pronoun}.\n */\nconst a = 1;`],
    ['a name', 'a.ts', `const ${vague} = 1;`],
    ['a part of a name', 'a.ts', `const ${vague}Body = 1;`],
    ['a part of a name in snake case', 'a.mjs', `const was_${vague} = 1;`],
    ['the title of a test', 'a.spec.ts', `it('lets ${pronoun} in', () => {});`],
    ['the title of a table of tests', 'a.spec.ts', `it.each([1])('lets ${pronoun} in', () => {});`],
    ['a document', 'a.md', `Ask ${pronoun}.`],
    ['a comment, as a verb', 'a.ts', `const a = 1; // The client is ${vague} so.`],
    ['a document, as a verb', 'a.md', `The client is ${vague} so.`],
  ])('are missed in %s', (_, file, text) => {
    expect(unclearWords(file, text)).toHaveLength(1);
  });

  it.each([
    ['a text for users', 'a.ts', `const text = 'Ask ${pronoun}.';`],
    ['another name', 'a.ts', `const ${vague}edo = 1;`],
    ['a comment of a test, as a verb', 'test/a.ts', `const a = 1; // The client is ${vague} so.`],
  ])('are not looked for in %s', (_, file, text) => {
    expect(unclearWords(file, text)).toEqual([]);
  });
});
