import type { ReconException } from '../exception/recon-exception';
import type { ExceptionFilter } from '../ports/reads';
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

/** Whether an exception is among those that a filter chooses. */
export const isChosen =
  (filter: ExceptionFilter, nowMs: number) =>
  (e: ReconException): boolean =>
    anyOf(filter.status, e.status) &&
    anyOf(filter.severity, e.severity) &&
    anyOf(filter.assignedTo, e.assignedTo) &&
    anyOf(filter.pending, e.pending) &&
    (filter.pendingBefore === undefined || e.pending !== undefined) &&
    within(e.pendingSince, undefined, filter.pendingBefore) &&
    flag(filter.flagged, e.flaggedAt !== undefined) &&
    anyOf(filter.externalSystem, e.externalSystem) &&
    anyOf(filter.reason, e.reason) &&
    anyOf(filter.source, e.source) &&
    anyOf(filter.currency, e.amount?.currency) &&
    anyId(filter.transactionId, e.transactionId) &&
    flag(filter.unassigned, e.assignedTo === undefined) &&
    flag(filter.overdue, isOverdue(e, nowMs)) &&
    within(e.createdAt, filter.createdFrom, filter.createdBefore) &&
    within(e.dueAt, filter.dueFrom, filter.dueBefore) &&
    amountWithin(e.amount?.amount, filter.amountMin, filter.amountMax) &&
    (filter.words ?? []).every((word) => occurs(word, e));

const occurs = (word: string, e: ReconException): boolean =>
  [e.reason, e.resolutionReason, e.resolutionNotes].some((text) =>
    text?.toLowerCase().includes(word.toLowerCase()),
  );
