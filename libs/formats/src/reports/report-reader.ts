import { parseTimestamp, severities, type Raise } from '@redress/domain';
import { validateAmount, validateChoice, validateCurrency, lexemeOf, validateTime } from './value-checks';
import { isNotGiven, type JsonValue } from '../json/json-value';

/*
 * A report of an unreconciled transaction as it comes in a stream: the same members and checks as the body of a single
 * one, written as plain functions, since twenty thousand of them a second leave no time for decorators. What the
 * texts may hold is left to the domain, which looks at every report anyway.
 */

type Fault = string | undefined;

const text = (value: unknown): Fault => (typeof value === 'string' ? undefined : 'must be text');
const textOrMissing = (value: unknown): Fault => (value === undefined ? 'is required' : text(value));
const optional =
  (fault: (value: unknown) => Fault) =>
  (value: unknown): Fault | typeof notGiven =>
    value === undefined || isNotGiven(value) ? notGiven : fault(value);
const notGiven = Symbol('not given');

const members: Readonly<Record<keyof Raise, (value: unknown) => Fault | typeof notGiven>> = {
  transactionId: textOrMissing,
  reason: textOrMissing,
  severity: optional((value) => validateChoice(value, severities)),
  amount: optional((value) => validateAmount(lexemeOf(value))),
  currency: optional(validateCurrency),
  occurredAt: optional(validateTime),
  source: optional(text),
  dueAt: optional(validateTime),
  differences: optional((value) => validateDifferences(differencesOf(value))),
  metadata: optional(validateMetadata),
};

const names = Object.keys(members) as (keyof Raise)[];

/** The report, or what is wrong with which field. */
export function readReport(value: JsonValue): { report: Raise } | { field: string; problem: string } {
  if (!isRecord(value)) return { field: 'line', problem: 'must be a JSON object' };
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name))
      return { field: name, problem: `is not known; known are ${names.join(', ')}` };
  }
  const report: Record<string, unknown> = {};
  for (const name of names) {
    const given = value[name];
    const problem = members[name](given);
    if (problem === notGiven) continue;
    if (problem !== undefined) return { field: name, problem };
    if (name.endsWith('At')) report[name] = parseTimestamp(given as string);
    else report[name] = name === 'differences' ? differencesOf(given) : lexemeOf(given);
  }
  // Every member was checked for its type above, and the domain checks what it says.
  return { report: report as Raise };
}

/** A plain object, which neither an array nor an instance of a class is. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) === Object.prototype;

/** Why a value is no list of differences; undefined where it is one. How many and how long they may be is left to the domain. */
export function validateDifferences(value: unknown): string | undefined {
  const sound =
    Array.isArray(value) &&
    value.every(
      (item) =>
        isRecord(item) &&
        typeof item['field'] === 'string' &&
        Object.entries(item).every(
          ([name, said]) => ['field', 'expected', 'actual'].includes(name) && typeof said === 'string',
        ),
    );
  return sound ? undefined : 'must be a list of {"field", "expected", "actual"}, each of them text';
}

/** The differences without values that are null. "" is a value here: one record has the field empty. */
export const differencesOf = (value: unknown): unknown =>
  Array.isArray(value) && value.some(hasNull) ? value.map(withoutNulls) : value;

const isNullValue = ([name, said]: [string, unknown]): boolean =>
  said === null && (name === 'expected' || name === 'actual');
const hasNull = (item: unknown): boolean => isRecord(item) && Object.entries(item).some(isNullValue);
const withoutNulls = (item: unknown): unknown =>
  isRecord(item) ? Object.fromEntries(Object.entries(item).filter((entry) => !isNullValue(entry))) : item;

/** Why a value is no object of texts; undefined where it is one. How many and how long they may be is left to the domain. */
export function validateMetadata(value: unknown): string | undefined {
  const sound = isRecord(value) && Object.values(value).every((said) => typeof said === 'string');
  return sound ? undefined : 'must be an object whose values are all text';
}
