import type { Refusal } from '../refusal';
import { textProblem } from './text';
import { parseTimestamp } from './timestamp';
import { isUuid } from './uuid';

/** What is wrong with one value before any rule is asked; undefined when nothing is. */
export type Flaw = Refusal | undefined;

export const firstFlaw = (...flaws: readonly Flaw[]): Flaw => flaws.find((flaw) => flaw !== undefined);

export const invalid = (field: string, problem: string): Refusal => ({
  code: 'invalid_value',
  field,
  problem,
});

/** Text that must be there: not blank, at most `max` characters. */
export function textFlaw(field: string, value: string, max: number): Flaw {
  const problem = textProblem(value, max);
  return problem === undefined ? undefined : invalid(field, problem);
}

export const optionalTextFlaw = (field: string, value: string | undefined, max: number): Flaw =>
  value === undefined ? undefined : textFlaw(field, value, max);

/** Text from another system, which may be blank. */
export const noteFlaw = (field: string, value: string, max: number): Flaw =>
  value.length <= max && value.trim() === '' ? undefined : textFlaw(field, value, max);

/** A time in the one form the domain keeps: RFC 3339, UTC, milliseconds. */
export const timeFlaw = (field: string, value: string | undefined): Flaw =>
  value === undefined || parseTimestamp(value) === value
    ? undefined
    : invalid(field, 'must be an RFC 3339 time in UTC with milliseconds, such as 2025-01-15T10:30:00.000Z');

export const oneOfFlaw = (field: string, value: string | undefined, allowed: readonly string[]): Flaw =>
  value === undefined || allowed.includes(value)
    ? undefined
    : invalid(field, `must be one of ${allowed.join(', ')}`);

/** A UUID (RFC 9562), as `isUuid` takes it. */
export const uuidFlaw = (field: string, value: string): Flaw =>
  isUuid(value) ? undefined : invalid(field, 'must be a UUID such as 019c96a0-10ce-75fc-a273-dc799079a99c');
