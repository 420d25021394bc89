import { isUuid, limits, parseTimestamp, plainLine, plainText, type Timestamp } from '@redress/domain';
import type { ParsedMessage } from '@redress/domain/integrations';
import { member, textOf, type JsonReader } from './json';

/* Parsing of inbound messages: what the parsers of all connectors share. */

/** Parses a body as JSON; one that is no JSON is an `unreadable` message. */
export function parseJsonMessage(
  body: Uint8Array,
  json: JsonReader,
  parse: (value: unknown) => ParsedMessage,
): ParsedMessage {
  const read = json.read(body);
  if (read.ok) return parse(read.value);
  const problem = read.path === undefined ? read.problem : `${read.path} ${read.problem}`;
  return { kind: 'unreadable', marks: [], update: { type: 'unreadable', problem: plainLine(problem, 400) } };
}

const isMark = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of a dispatch, in the form in which tickets are marked with it. */
export const markIn = (text: unknown): string | undefined =>
  typeof text === 'string' && isMark.test(text) ? text : undefined;

/** A name of one line that can be stored and shown. */
export const lineAt = (value: unknown, ...path: readonly string[]): string | undefined =>
  nonBlank(plainLine(textOf(member(value, ...path)) ?? '', limits.assignee));

/** Notes of several lines that can be stored and shown. */
export const notesAt = (value: unknown, ...path: readonly string[]): string | undefined =>
  nonBlank(plainText(textOf(member(value, ...path)) ?? '', limits.notes));

export function timeAt(value: unknown, ...path: readonly string[]): Timestamp | undefined {
  const text = textOf(member(value, ...path));
  return text === undefined ? undefined : parseTimestamp(text);
}

export const uuidOf = (text: string | undefined): string | undefined =>
  text !== undefined && isUuid(text) ? text.toLowerCase() : undefined;

export const uuidAt = (value: unknown, name: string): string | undefined =>
  uuidOf(textOf(member(value, name)));

/** A code that is written as a text or as a number. */
export function codeAt(json: JsonReader, value: unknown, ...path: readonly string[]): string | undefined {
  const found = member(value, ...path);
  return json.numberText(found) ?? textOf(found);
}

/** Whether a name is one of these: as people write it, in either letter case and with either apostrophe. */
export const isAmong = (names: readonly string[], name: string): boolean =>
  names.some((one) => comparable(one) === comparable(name));

const comparable = (name: string): string => name.normalize('NFKC').replaceAll('’', "'").trim().toLowerCase();

const nonBlank = (text: string): string | undefined => (text.trim() === '' ? undefined : text);

/** An object with this member, or an empty one where the value is undefined. */
export const whenPresent = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);

/** The update of a message without a time: it cannot be ordered. */
export const withoutTime = (name: string) =>
  ({ type: 'unreadable', problem: `It does not say when the ticket changed: ${name} is missing.` }) as const;
