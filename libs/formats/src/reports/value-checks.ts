import { isUuid, parseTimestamp, validateText } from '@redress/domain';
import { JsonNumber } from '../json/json-value';

/*
 * What a value of JSON has to be before the domain looks at it: its shape, and not what it means. Each check answers what
 * is wrong, as the end of a sentence that begins with the name of the member.
 */

const missing = 'is required';

/** A decimal number as JSON writes numbers, alone or in a text. */
export const decimal = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
/** No sum of money needs more; longer ones cost time. */
export const maxLexeme = 64;

/** A number digit by digit, as its sender wrote it; any other value as it is. */
export const lexemeOf = (value: unknown): unknown => (value instanceof JsonNumber ? value.lexeme : value);

/** Why a value is no text of 1 to `max` characters; undefined where it is one. */
export function validateTextValue(value: unknown, max: number): string | undefined {
  if (value === undefined) return missing;
  return typeof value === 'string' ? validateText(value, max) : 'must be text';
}

/** Why a value is no RFC 3339 date-time; undefined where it is one. */
export function validateTime(value: unknown): string | undefined {
  if (value === undefined) return missing;
  const sound = typeof value === 'string' && parseTimestamp(value) !== undefined;
  return sound ? undefined : 'must be an RFC 3339 date-time such as 2025-01-15T10:30:00.000Z';
}

/** Why a value is no decimal number of at most `maxLexeme` characters; undefined where it is one. JSON numbers come by `lexemeOf`. */
export function validateAmount(value: unknown): string | undefined {
  if (value === undefined) return missing;
  const sound = typeof value === 'string' && value.length <= maxLexeme && decimal.test(value);
  return sound
    ? undefined
    : `must be a decimal number such as 150.5 or "150.50", of at most ${maxLexeme} characters`;
}

/** Why a value does not look like an ISO 4217 code; undefined where it does. */
export function validateCurrency(value: unknown): string | undefined {
  if (value === undefined) return missing;
  return typeof value === 'string' && /^[A-Z]{3}$/.test(value)
    ? undefined
    : 'must be an ISO 4217 code of three capital letters, such as BRL';
}

/** Why a value is no UUID; undefined where it is one. */
export function validateUuid(value: unknown): string | undefined {
  if (value === undefined) return missing;
  return typeof value === 'string' && isUuid(value)
    ? undefined
    : 'must be a UUID such as 019c96a0-10ce-75fc-a273-dc799079a99c';
}

/** Why a value is none of those that are allowed; undefined where it is one. */
export function validateChoice(value: unknown, allowed: readonly string[]): string | undefined {
  if (value === undefined) return missing;
  return typeof value === 'string' && allowed.includes(value)
    ? undefined
    : `must be one of ${allowed.join(', ')}`;
}
