import type { ExceptionFilter } from '@redress/domain';
import { readExceptionFilter } from '../exception-dto/exception-filters';
import { invalidRequest } from '../problems/problem';
import type { Query } from '../http/query-parameters';
import { JsonNumber } from '@redress/formats';

const within = 'filter.';

/** A list's filter given as JSON: the same names and values as in its query, lists as lists. */
export function readBulkFilter(filter: Readonly<Record<string, unknown>>): ExceptionFilter {
  const query: Record<string, Query[string]> = {};
  for (const [name, value] of Object.entries(filter)) {
    query[name] = Array.isArray(value)
      ? value.map((item) => quoted(textOf(name, item)))
      : textOf(name, value);
  }
  return readExceptionFilter(query, within);
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof JsonNumber) return value.lexeme;
  throw invalidRequest({ [within + name]: 'must be text, a number, true or false, or a list of texts' });
}

/** In a list each item stands for itself, commas included. */
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
