import type { ExceptionFilter } from '../reads';
import { pagingParameters, readExceptionListing, type Query } from './exception-query';
import { invalidRequest } from './problem';
import { JsonNumber } from './strict-json';

const notInFilters = [...Object.keys(pagingParameters), 'sort_by'];

/** A list's filter given as JSON: the same names and values as in its query, lists as lists. */
export function readBulkFilter(filter: Readonly<Record<string, unknown>>): ExceptionFilter {
  const misplaced = Object.keys(filter).filter((name) => notInFilters.includes(name));
  if (misplaced.length) {
    throw invalidRequest(
      Object.fromEntries(misplaced.map((name) => [`filter.${name}`, 'has no place in a filter'])),
    );
  }
  const query: Record<string, Query[string]> = {};
  for (const [name, value] of Object.entries(filter)) {
    query[name] = Array.isArray(value)
      ? value.map((item) => quoted(textOf(name, item)))
      : textOf(name, value);
  }
  return readExceptionListing(query).filter;
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof JsonNumber) return value.lexeme;
  throw invalidRequest({ [`filter.${name}`]: 'must be text, a number, true or false, or a list of texts' });
}

/** In a list each item stands for itself, commas included. */
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
