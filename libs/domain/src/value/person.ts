/*
 * Identity of persons. An identity provider may let one person have several spellings of one name. For "another person"
 * two names are compared without what a reader does not see: case, Unicode form, blanks, invisible characters, and letters
 * of other alphabets that look like Latin ones.
 */

/** Letters of other alphabets and signs, each above the ASCII character that it looks like. */
const lookalikes =
  'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЅІЈКМНОРСТУҮХԌԚԜαγεικνορστυωасԁегһіјӏкмпорѕтуүхѵԛԝԍօսհոցıɑɡ01‐‒–—−‘’ʼ′꞉∶ː։׃';
const lookLike =
  "ABEZHIKMNOPTYXABESIJKMHOPCTYYXGQWayeikvopotuwacderhijlkmnopstyyxvqwgouhngiagol-----'''':::::";

const latinOf = new Map([...lookalikes].map((char, i) => [char, lookLike.charAt(i)]));

/** U+2800, a blank of Braille, counts as no blank in Unicode. */
const unseen = /[\p{C}\p{DI}\p{White_Space}\u2800]/gu;

/** Case folding by way of capitals, so that ß is ss and a final sigma is a sigma. The dot of a Turkish İ is none. */
const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(/i\u0307/g, 'i')
    .normalize('NFKD');

const seen = (name: string): string => name.normalize('NFKD').replace(unseen, '');

const looks = (name: string): string =>
  folded(seen(name).replace(/./gsu, (char) => latinOf.get(char) ?? char));

/**
 * What a name is compared by: its letters, and what they look like. Both, since a capital can look like another letter
 * than the small one does: Greek Ν is N, and ν is v.
 */
export const personKeys = (name: string): readonly [letters: string, looks: string] => [
  folded(seen(name)),
  looks(name),
];

/**
 * Whether two names stand for one person. Every rule about "another person" asks here. Two names that only look alike
 * count as one: one approval too many is the safe side.
 */
export function isSamePerson(a: string, b: string): boolean {
  const others = personKeys(b);
  return personKeys(a).some((key, i) => key === others[i]);
}
