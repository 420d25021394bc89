import { isUuid, limits, parseTimestamp, plainLine, plainText, type Timestamp } from '@redress/domain';
import { member, textOf } from './json';
import { messageLimits } from '../../json/json-limits';
import { JsonNumber, parseStrictJson, type JsonValue } from '../../json/strict-json';
import type { Heard } from '../../inbound/inbound-message';

/* How the readers of all kinds of messages take what they need out of them. */

/** The body as strict JSON, or what it says when it is none: two readers must not understand it differently. */
export function readBody(body: Buffer, read: (value: JsonValue) => Heard): Heard {
  const parsed = parseStrictJson(body, messageLimits);
  if (parsed.ok) return read(parsed.value);
  const problem = parsed.path === undefined ? parsed.problem : `${parsed.path} ${parsed.problem}`;
  return { kind: 'unreadable', marks: [], says: { what: 'unreadable', problem: plainLine(problem, 400) } };
}

const isMark = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of a dispatch, as we write it. */
export const markIn = (text: unknown): string | undefined =>
  typeof text === 'string' && isMark.test(text) ? text : undefined;

/** A name as it can be stored and shown. */
export const lineAt = (value: unknown, ...path: readonly string[]): string | undefined =>
  given(plainLine(textOf(member(value, ...path)) ?? '', limits.assignee));

export const notesAt = (value: unknown, ...path: readonly string[]): string | undefined =>
  given(plainText(textOf(member(value, ...path)) ?? '', limits.notes));

export function timeAt(value: unknown, ...path: readonly string[]): Timestamp | undefined {
  const text = textOf(member(value, ...path));
  return text === undefined ? undefined : parseTimestamp(text);
}

export const uuidOf = (text: string | undefined): string | undefined =>
  text !== undefined && isUuid(text) ? text.toLowerCase() : undefined;

export const uuidAt = (value: unknown, name: string): string | undefined =>
  uuidOf(textOf(member(value, name)));

/** A code that is written as a text or as a number. */
export function codeAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = member(value, ...path);
  return found instanceof JsonNumber ? found.lexeme : textOf(found);
}

const given = (text: string): string | undefined => (text.trim() === '' ? undefined : text);

/** A member, where there is something to say. */
export const whenSaid = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);

/** Nothing can be put in order without its time. */
export const withoutTime = (name: string) =>
  ({ what: 'unreadable', problem: `It does not say when the ticket changed: ${name} is missing.` }) as const;
