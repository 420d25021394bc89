/** A number exactly as the sender wrote it: `1`, `1.0` and `1e0` stay apart, and no digit is rounded away. */
export class JsonNumber {
  constructor(readonly lexeme: string) {}
}

/** An object as it was parsed. Its members have no prototype's names: the reader refuses those. */
export type JsonObject = { [name: string]: JsonValue };
/** A value as it was parsed: numbers are `JsonNumber`s. */
export type JsonValue = string | boolean | null | JsonNumber | JsonValue[] | JsonObject;

/** An object of JSON, which neither an array nor a number is. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);

/** Whether an optional member is not given: clients that cannot leave one out send null or "". */
export const isNotGiven = (value: unknown): boolean => value === null || value === '';

/** The members of an object that are given. */
export const givenMembers = <V>(object: Readonly<Record<string, V>>): Record<string, V> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => !isNotGiven(value)));

/**
 * One text per parsed value: members sorted by UTF-16 code unit, arrays in order, numbers as they were written.
 * Different values never give the same text, so it can be fingerprinted.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (value instanceof JsonNumber) return value.lexeme;
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join()}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`).join()}}`;
}

/** The value with plain numbers, for what is sent on as JSON: `1.0` is sent as `1`. */
export function plainJson(value: unknown): unknown {
  if (value instanceof JsonNumber) return Number(value.lexeme);
  if (Array.isArray(value)) return value.map(plainJson);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plainJson(one)]));
}
