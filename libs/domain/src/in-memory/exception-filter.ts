import type { ReconException } from '../exception/recon-exception';
import {
  conditionsOf,
  type ExceptionCondition,
  type ExceptionFilter,
  type FilterField,
} from '../ports/exception-filter';
import { textKey } from '../value/text';
import { compareDecimals } from './sort-values';

/** Whether a value is one of those asked for; nothing asked for does not restrict. */
export const anyOf = (asked: readonly string[] | undefined, value: string | undefined): boolean =>
  asked === undefined || (value !== undefined && asked.includes(value));

/** The same for UUIDs, whose letter case does not matter. */
export const anyId = (asked: readonly string[] | undefined, id: string): boolean =>
  asked === undefined || asked.some((one) => one.toLowerCase() === id);

/** Whether a time lies within a range: `from` inclusive, `before` exclusive. */
export function within(
  time: string | undefined,
  from: string | undefined,
  before: string | undefined,
): boolean {
  if (from === undefined && before === undefined) return true;
  if (time === undefined) return false;
  const at = Date.parse(time);
  return (from === undefined || at >= Date.parse(from)) && (before === undefined || at < Date.parse(before));
}

/** Whether an amount lies within a range, both ends inclusive. */
export function amountWithin(
  amount: string | undefined,
  min: string | undefined,
  max: string | undefined,
): boolean {
  if (min === undefined && max === undefined) return true;
  if (amount === undefined) return false;
  return (
    (min === undefined || compareDecimals(amount, min) >= 0) &&
    (max === undefined || compareDecimals(amount, max) <= 0)
  );
}

/** Whether a condition holds as asked for. */
export const flag = (asked: boolean | undefined, holds: boolean): boolean =>
  asked === undefined || asked === holds;

export const isOverdue = ({ status, dueAt }: ReconException, nowMs: number): boolean =>
  status !== 'RESOLVED' && Date.parse(dueAt) < nowMs;

const valueOf = (e: ReconException, field: FilterField): unknown =>
  field === 'currency' ? e.amount?.currency : e[field];

const textOf = (e: ReconException, field: FilterField): string | undefined => {
  const value = valueOf(e, field);
  return typeof value === 'string' ? value : undefined;
};

function holds(condition: ExceptionCondition, e: ReconException, nowMs: number): boolean {
  if ('overdue' in condition) return condition.overdue === isOverdue(e, nowMs);
  if ('word' in condition) return condition.fields.some((field) => occurs(condition.word, textOf(e, field)));
  if ('isSet' in condition) return condition.isSet === (valueOf(e, condition.field) !== undefined);
  if ('min' in condition) return amountWithin(e.amount?.amount, condition.min, undefined);
  if ('max' in condition) return amountWithin(e.amount?.amount, undefined, condition.max);
  const text = textOf(e, condition.field);
  if ('from' in condition) return within(text, condition.from, undefined);
  if ('before' in condition) return within(text, undefined, condition.before);
  if (condition.field === 'transactionId') return anyId(condition.anyOf, e.transactionId);
  return anyOf(condition.anyOf.map(formOf(condition.field)), text && formOf(condition.field)(text));
}

/** Whether an exception is among those that a filter chooses. */
export const isChosen = (filter: ExceptionFilter, nowMs: number) => {
  const conditions = conditionsOf(filter, new Date(nowMs));
  return (e: ReconException): boolean => conditions.every((condition) => holds(condition, e, nowMs));
};

/** Reasons and sources are compared by their keys; a name is a name only in its letter case, in any Unicode form. */
const formOf = (field: FilterField): ((text: string) => string) =>
  field === 'reason' || field === 'source' ? textKey : (text) => text.normalize('NFC');

const occurs = (word: string, text: string | undefined): boolean =>
  text !== undefined && textKey(text).includes(textKey(word));
