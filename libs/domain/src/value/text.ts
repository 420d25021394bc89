/** The limits of what callers write: of texts in characters (Unicode code points), of lists in members. */
export const limits = Object.freeze({
  reason: 255,
  source: 255,
  assignee: 255,
  formerAssigners: 100,
  overrideReason: 255,
  reasonCode: 255,
  reasonLabel: 255,
  notes: 1000,
  resolution: 255,
  resolutionReason: 1000,
  comment: 5000,
  queue: 255,
  payload: 20_000,

  counterparts: 50,
  differences: 50,
  otherAmounts: 100,
  differenceField: 255,
  differenceValue: 1000,
  metadataKeys: 50,
  metadataKey: 64,
  metadataValue: 1000,

  category: 255,
  disputeDescription: 5000,
  disputeResolution: 5000,
  reopenReason: 1000,
  requestNote: 1000,
  comments: 1000,
  evidencePerDispute: 500,
  evidenceComment: 1000,
  fileUrl: 2048,
} as const);

/**
 * Why a text is invalid, as the rest of a sentence that starts with the name of its field; undefined for a valid one.
 * Length is counted in code points, as PostgreSQL and JSON Schema count it, including blanks at the ends. A PostgreSQL
 * text cannot hold U+0000 and lone surrogates, so they are refused.
 */
export function validateText(value: string, max: number): string | undefined {
  // Callers without types may leave it out.
  if (typeof value !== 'string') return 'must be text';
  if (isLonger(value, max)) return `must be at most ${max} characters`;
  if (value.trim() === '') return 'must not be blank';
  if (value.includes('\u0000')) return 'must not contain the character U+0000';
  // With the flag u a pair of surrogates is one code point, so only lone ones match.
  if (/\p{Surrogate}/u.test(value)) return 'must not contain half of a surrogate pair';
  return undefined;
}

/**
 * The form in which texts are compared that people and programs type: identities, and what a list is searched for. The
 * same letters in another Unicode form, in another case, or between blanks are the same text. What is stored is what was
 * sent.
 */
export const textKey = (value: string): string => value.normalize('NFC').trim().toLowerCase();

// A code point is one or two UTF-16 units, so they are counted only where that leaves it open.
const isLonger = (value: string, max: number): boolean =>
  value.length > max && (value.length > 2 * max || [...value].length > max);

/** The text, or as many of its first characters as may be there. */
export const cut = (value: string, max: number): string =>
  isLonger(value, max) ? [...value].slice(0, max).join('') : value;

/** The first `length` UTF-16 units of a text, never half a character, with an ellipsis when more was there. */
export const shortened = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…` : text;
