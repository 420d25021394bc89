import { parseTimestamp } from '@redress/domain';
import {
  decimal,
  maxLexeme,
  validateAmount,
  validateChoice,
  validateCurrency,
  validateTextValue,
  validateUuid,
} from '@redress/formats';
import { maxValues, type Parameter } from './query-parameters';

/* The kinds of query parameters: each with its check and its description for OpenAPI. */

export const listOf = (
  description: string,
  fault: Parameter['fault'],
  items: Readonly<Record<string, unknown>>,
): Parameter => ({
  description: `${description} Several, repeated or separated by commas, mean any of them; put a value that has a comma in double quotes.`,
  schema: { type: 'array', minItems: 1, maxItems: maxValues, items: { type: 'string', ...items } },
  list: true,
  fault,
});

export const choices = (description: string, values: readonly string[]): Parameter =>
  listOf(description, (value) => validateChoice(value, values), { enum: values });

export const texts = (description: string, max: number): Parameter =>
  listOf(description, (value) => validateTextValue(value, max), {
    minLength: 1,
    maxLength: max,
    pattern: '\\S',
  });

export const uuids = (description: string): Parameter =>
  listOf(description, validateUuid, { format: 'uuid' });

export const currencies = (description: string): Parameter =>
  listOf(description, validateCurrency, { pattern: '^[A-Z]{3}$' });

export const choice = (description: string, values: readonly string[], initial?: string): Parameter => ({
  description,
  schema: { type: 'string', enum: values, ...(initial && { default: initial }) },
  ...(initial && { mayBeEmpty: true }),
  fault: (value) => validateChoice(value, values),
});

export const flag = (description: string): Parameter => choice(description, ['true', 'false']);

/** PostgreSQL has no number with an exponent in the hundred thousands, and no amount needs one of three digits. */
const hugeExponent = /e[+-]?0*[1-9][0-9]{2}/i;
const bounded = decimal.source.replace('[+-]?[0-9]+', '[+-]?0*[0-9]{1,2}');

export const amount = (description: string): Parameter => ({
  description,
  schema: { type: 'string', pattern: bounded, maxLength: maxLexeme },
  fault: (value) =>
    validateAmount(value) ?? (hugeExponent.test(value) ? 'must have an exponent of at most 99' : undefined),
});

export const time = (description: string): Parameter => ({
  description: `${description} RFC 3339 date-time, or a date, which means the whole day in UTC.`,
  schema: { type: 'string', anyOf: [{ format: 'date-time' }, { format: 'date' }] },
  fault: (value) =>
    startOf(value) === undefined
      ? 'must be an RFC 3339 date-time such as 2025-01-15T10:30:00Z, or a date such as 2025-01-15'
      : undefined,
});

/** Where a day is named, its beginning: nothing of it comes before. */
export const timeBefore = (description: string): Parameter => ({
  ...time(description),
  description: `${description} RFC 3339 date-time, or a date, which means its beginning in UTC.`,
});

const isDay = (text: string): boolean => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);

/** The moment a filter begins at. */
export const startOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : parseTimestamp(isDay(text) ? `${text}T00:00:00Z` : text);

/** The moment a filter ends before: a millisecond, or the day, after what was named. None after the year 9999. */
export function endOf(text: string | undefined): string | undefined {
  const start = startOf(text);
  if (text === undefined || start === undefined) return undefined;
  const end = new Date(Date.parse(start) + (isDay(text) ? 86_400_000 : 1));
  return end.getUTCFullYear() > 9999 ? undefined : end.toISOString();
}
