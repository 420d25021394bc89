import {
  dispatchTargets,
  exceptionLifecycle,
  limits,
  parseTimestamp,
  severities,
  statuses,
} from '@redress/domain';
import {
  exceptionSortKeys,
  sortOrders,
  type ExceptionFilter,
  type ExceptionSortKey,
  type SortOrder,
} from '../reads';
import { amountFault, choiceFault, currencyFault, textFault, uuidFault } from './dto/fields';
import { invalidRequest } from './problem';

export const maxPageSize = 200;
export const defaultPageSize = 20;
/** More values than a person types, fewer than a query plan minds. */
const maxValues = 100;
const maxWords = 10;

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;
export type Paging = Readonly<{ limit: number; order: SortOrder; cursor?: string }>;

/** How one query parameter is read: the text it came as, or what is wrong with it. */
type Parameter = Readonly<{
  description: string;
  schema: Readonly<Record<string, unknown>>;
  /** Repeatable and comma-separated; the others may be given once. */
  list?: boolean;
  fault: (value: string) => string | undefined;
}>;

const listOf = (description: string, fault: Parameter['fault'], values?: readonly string[]): Parameter => ({
  description: `${description} Several, repeated or separated by commas, mean any of them; put a value that has a comma in double quotes.`,
  schema: { type: 'array', items: { type: 'string', ...(values && { enum: values }) } },
  list: true,
  fault,
});
const choice = (description: string, values: readonly string[], initial?: string): Parameter => ({
  description,
  schema: { type: 'string', enum: values, ...(initial && { default: initial }) },
  fault: (value) => choiceFault(value, values),
});
const flag = (description: string): Parameter => choice(description, ['true', 'false']);
const time = (description: string): Parameter => ({
  description: `${description} RFC 3339 date-time, or a date, which means the whole day in UTC.`,
  schema: { type: 'string', format: 'date-time' },
  fault: (value) =>
    instant(value, 'start') === undefined
      ? 'must be an RFC 3339 date-time such as 2025-01-15T10:30:00Z, or a date such as 2025-01-15'
      : undefined,
});
/** PostgreSQL has no number with an exponent in the hundred thousands, and no amount needs one of three digits. */
const hugeExponent = /e[+-]?0*[1-9][0-9]{2}/i;
const amount = (description: string): Parameter => ({
  description,
  schema: { type: 'string' },
  fault: (value) =>
    amountFault(value) ?? (hugeExponent.test(value) ? 'must have an exponent of at most 99' : undefined),
});
const textList = (description: string, max: number) => listOf(description, (value) => textFault(value, max));

const order = choice('Direction of the order.', sortOrders, 'desc');
const cursor: Parameter = {
  description: '`nextCursor` or `prevCursor` of an earlier page of the same query.',
  schema: { type: 'string', maxLength: 1024 },
  fault: () => undefined,
};
const limit: Parameter = {
  description: 'How many items a page has at most.',
  schema: { type: 'integer', minimum: 1, maximum: maxPageSize, default: defaultPageSize },
  fault: (value) =>
    /^[0-9]{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= maxPageSize
      ? undefined
      : `must be a number from 1 to ${maxPageSize}`,
};

/** What every page takes. */
export const pagingParameters = { sort_order: order, limit, cursor } as const satisfies Record<
  string,
  Parameter
>;

/** Everything the list of exceptions takes: the one table for reading, refusing and documenting it. */
export const exceptionParameters = {
  status: listOf(
    'Status.',
    (value) => choiceFault(value, statuses(exceptionLifecycle)),
    statuses(exceptionLifecycle),
  ),
  severity: listOf('Severity.', (value) => choiceFault(value, severities), severities),
  assigned_to: textList('Assignee.', limits.assignee),
  external_system: listOf(
    'Where it was dispatched to.',
    (value) => choiceFault(value, dispatchTargets),
    dispatchTargets,
  ),
  reason: textList('Reason it was raised for.', limits.reason),
  source: textList('Where it was reported from.', limits.source),
  currency: listOf('Currency of the amount, ISO 4217.', currencyFault),
  transaction_id: listOf('Transaction.', uuidFault),
  unassigned: flag('Whether nobody is assigned.'),
  overdue: flag('Whether it is unresolved and past its due date.'),
  date_from: time('Created then or later.'),
  date_to: time('Created then or earlier.'),
  due_from: time('Due then or later.'),
  due_to: time('Due then or earlier.'),
  amount_min: amount('Amount at least, in units of its own currency.'),
  amount_max: amount('Amount at most, in units of its own currency.'),
  q: {
    description: `Up to ${maxWords} words that all occur in the reason, the resolution's reason or its notes.`,
    schema: { type: 'string', maxLength: 255 },
    fault: (value) =>
      textFault(value, 255) ??
      (wordsOf(value).length > maxWords ? `must be at most ${maxWords} words` : undefined),
  },
  sort_by: choice('Order of the list.', exceptionSortKeys, 'created_at'),
  ...pagingParameters,
} as const satisfies Record<string, Parameter>;

const wordsOf = (text: string): string[] => text.trim().split(/\s+/);

/** The values of each parameter that was given, checked; a wrong or unknown one is refused by name. */
function read(
  query: Query,
  parameters: Readonly<Record<string, Parameter>>,
): Record<string, readonly string[]> {
  // A map, since a parameter may be called __proto__.
  const fields = new Map<string, string>();
  const values: Record<string, readonly string[]> = {};
  for (const [name, given] of Object.entries(query)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (!parameter) {
      fields.set(name, `is not a parameter of this list; known are ${Object.keys(parameters).join(', ')}`);
      continue;
    }
    const texts = given === undefined ? [] : typeof given === 'string' ? [given] : given;
    const list = parameter.list ? texts.flatMap(splitList) : texts;
    const problem = problemWith(list, parameter);
    if (problem) fields.set(name, problem);
    else values[name] = list;
  }
  if (fields.size) throw invalidRequest(Object.fromEntries(fields));
  return values;
}

function problemWith(list: readonly string[], parameter: Parameter): string | undefined {
  if (list.length === 0) return 'must not be empty';
  if (!parameter.list && list.length > 1) return 'must be given once';
  if (list.length > maxValues) return `must have at most ${maxValues} values`;
  return list.map(parameter.fault).find((problem) => problem !== undefined);
}

/** a,"b, c" → a | b, c */
const splitList = (text: string): string[] =>
  Array.from(text.matchAll(/"((?:[^"]|"")*)"(?=,|$)|[^,]+/g), ([whole, quoted]) =>
    quoted === undefined ? whole : quoted.replaceAll('""', '"'),
  );

function pagingOf(given: Readonly<Record<string, readonly string[]>>, initial: SortOrder): Paging {
  const [size] = given['limit'] ?? [];
  const [direction] = given['sort_order'] ?? [];
  const [at] = given['cursor'] ?? [];
  return {
    limit: size === undefined ? defaultPageSize : Number(size),
    order: (direction as SortOrder | undefined) ?? initial,
    ...(at !== undefined && { cursor: at }),
  };
}

export type ExceptionListing = Paging & Readonly<{ filter: ExceptionFilter; sort: ExceptionSortKey }>;

export function readExceptionListing(query: Query): ExceptionListing {
  const given = read(query, exceptionParameters);
  const one = (name: string) => given[name]?.[0];
  const set = <K extends keyof ExceptionFilter>(key: K, value: ExceptionFilter[K] | undefined) =>
    value === undefined ? {} : { [key]: value };
  const yes = (name: string) => (one(name) === undefined ? undefined : one(name) === 'true');
  const at = (name: string, edge: Edge) =>
    one(name) === undefined ? undefined : instant(one(name) ?? '', edge);
  return {
    ...pagingOf(given, 'desc'),
    sort: (one('sort_by') as ExceptionSortKey | undefined) ?? 'created_at',
    filter: {
      ...set('status', given['status']),
      ...set('severity', given['severity']),
      ...set('assignedTo', given['assigned_to']),
      ...set('externalSystem', given['external_system']),
      ...set('reason', given['reason']),
      ...set('source', given['source']),
      ...set('currency', given['currency']),
      ...set('transactionId', given['transaction_id']),
      ...set('unassigned', yes('unassigned')),
      ...set('overdue', yes('overdue')),
      ...set('createdFrom', at('date_from', 'start')),
      ...set('createdBefore', at('date_to', 'end')),
      ...set('dueFrom', at('due_from', 'start')),
      ...set('dueBefore', at('due_to', 'end')),
      ...set('amountMin', one('amount_min')),
      ...set('amountMax', one('amount_max')),
      ...set('words', one('q') === undefined ? undefined : wordsOf(one('q') ?? '')),
    },
  };
}

/** A history reads from its beginning unless asked otherwise. */
export const readHistoryPaging = (query: Query): Paging => pagingOf(read(query, pagingParameters), 'asc');

type Edge = 'start' | 'end';

/**
 * The moment a filter begins at, or the one it ends before: a millisecond, or the day, after what was named. Undefined
 * for what is no time, and for an end after the year 9999, where no time is.
 */
function instant(text: string, edge: Edge): string | undefined {
  const day = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);
  const start = parseTimestamp(day ? `${text}T00:00:00Z` : text);
  if (start === undefined || edge === 'start') return start;
  const end = new Date(Date.parse(start) + (day ? 86_400_000 : 1));
  return end.getUTCFullYear() > 9999 ? undefined : end.toISOString();
}
