import { ok, refuse, type Result } from '../result';
import { personKeys } from './person';
import { validateText } from './text';
import { invalid } from './validation';

/** The most characters (Unicode code points) of the name of an actor. */
export const maxActorLength = 255;

/** What the actors begin with that Redress itself writes: its background work, and messages of external systems. */
export const reservedActors = ['redress:', 'external:'] as const;

/** Control and format characters, zero-width and bidirectional ones, line separators, private use, blanks of Braille. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{DI}\u2800]/u;

/** Alphabets with letters that look alike, of which a word may have one. */
const alphabets = [
  /\p{sc=Latin}/u,
  /\p{sc=Greek}/u,
  /\p{sc=Cyrillic}/u,
  /\p{sc=Armenian}/u,
  /\p{sc=Georgian}/u,
];

/** Alphabets in rare or historic use that imitate Latin capitals, small capitals, and letters in circles and squares. */
const imitations =
  /[\p{sc=Cher}\p{sc=Copt}\p{sc=Dsrt}\p{sc=Elba}\p{sc=Goth}\p{sc=Lisu}\p{sc=Lyci}\p{sc=Lydi}\p{sc=Cari}\p{sc=Medf}\p{sc=Ital}\p{sc=Osge}\p{sc=Runr}\p{sc=Wara}\u026a\u0262\u0274\u0280\u0299\u029c\u029f\u028f\u1d00-\u1d2b\ua730\ua731\u{1f100}-\u{1f1ff}]/u;

/**
 * The name of an actor as it is written to the history: NFC, without blanks at the ends. Refused as `invalid_value` of
 * `actor` when it is blank or longer than `maxActorLength`, has invisible characters, mixes alphabets in one word,
 * or begins like an actor of Redress itself, in any spelling that looks like that.
 */
export function readActor(given: string): Result<string> {
  const problem = validateText(given, maxActorLength) ?? spellingProblem(given);
  return problem === undefined ? ok(given.normalize('NFC').trim()) : refuse(invalid('actor', problem));
}

/** A problem never repeats the name, since it becomes part of headers and of logs. */
function spellingProblem(name: string): string | undefined {
  const [hidden] = invisible.exec(name) ?? [];
  if (hidden !== undefined) return `must not contain the invisible character ${codePoint(hidden)}`;
  const [imitated] = imitations.exec(name) ?? [];
  if (imitated !== undefined)
    return `must not contain ${codePoint(imitated)}, of an alphabet that imitates another`;
  const words = name.match(/[\p{L}\p{M}]+/gu) ?? [];
  if (words.some((word) => alphabets.filter((alphabet) => alphabet.test(word)).length > 1))
    return 'must not mix letters of several alphabets in one word';
  const isReserved = personKeys(name).some((key) => reservedActors.some((start) => key.startsWith(start)));
  return isReserved ? `must not begin with ${reservedActors.join(' or ')}` : undefined;
}

const codePoint = (char: string): string =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
