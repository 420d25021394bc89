import type { Refusal } from '../refusal';
import { validateText } from './text';
import { parseTimestamp } from './timestamp';
import { isUuid } from './uuid';

/** The refusal of a malformed value, before any rule is asked. */
export type Invalid = Extract<Refusal, { code: 'invalid_value' }>;

export const invalid = (field: string, problem: string): Invalid => ({
  code: 'invalid_value',
  field,
  problem,
});

/** Checks one value. `whole` is the object that the value is a field of. */
export type Check<Value, Whole = unknown> = (
  field: string,
  value: Value,
  whole: Whole,
) => Invalid | undefined;

/** The checks of an object, by field; they run in this order. */
export type Checks<T> = { readonly [F in keyof T]-?: Check<T[F], T> };

/** The first check that fails. `at` is put before the name of the field, such as `rules[0].`. */
export function validate<T extends object>(
  value: T,
  checks: Partial<Checks<T>>,
  at = '',
): Invalid | undefined {
  for (const field in checks) {
    const failure = checks[field]?.(at + field, value[field], value);
    if (failure) return failure;
  }
  return undefined;
}

/** The first check that fails for a member of a list; `at` is the name of the list. */
export function validateEach<T extends object>(
  list: readonly T[],
  checks: Partial<Checks<T>>,
  at: string,
): Invalid | undefined {
  for (const [i, value] of list.entries()) {
    const failure = validate(value, checks, `${at}[${i}].`);
    if (failure) return failure;
  }
  return undefined;
}

/** Text that must be there: not blank, at most `max` characters. */
export const text =
  (max: number): Check<string> =>
  (field, value) => {
    const problem = validateText(value, max);
    return problem === undefined ? undefined : invalid(field, problem);
  };

/** A field that may be left out. */
export const optional =
  <Value, Whole>(check: Check<Value, Whole>): Check<Value | undefined, Whole> =>
  (field, value, whole) =>
    value === undefined ? undefined : check(field, value, whole);

/** Text from another system, which may be blank or left out. */
export const note =
  (max: number): Check<string | undefined> =>
  (field, value = '', whole) =>
    value.length <= max && value.trim() === '' ? undefined : text(max)(field, value, whole);

/** A time in the one form the domain keeps: RFC 3339, UTC, milliseconds. It may be left out. */
export const time: Check<string | undefined> = (field, value) =>
  value === undefined || parseTimestamp(value) === value
    ? undefined
    : invalid(field, 'must be an RFC 3339 time in UTC with milliseconds, such as 2025-01-15T10:30:00.000Z');

/** One of a list of values. It may be left out. */
export const oneOf =
  (allowed: readonly string[]): Check<string | undefined> =>
  (field, value) =>
    value === undefined || allowed.includes(value)
      ? undefined
      : invalid(field, `must be one of ${allowed.join(', ')}`);

/** The type of a command, for callers without types. */
export const commandType = (allowed: readonly string[], given: string | undefined): Invalid | undefined =>
  oneOf(allowed)('type', given ?? '', undefined);

/** A UUID (RFC 9562), in the form that `isUuid` accepts. */
export const uuid: Check<string> = (field, value) =>
  isUuid(value) ? undefined : invalid(field, 'must be a UUID such as 019c96a0-10ce-75fc-a273-dc799079a99c');
