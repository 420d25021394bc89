import { defined } from '../value/defined';
import { plainLine, plainText } from '../value/plain';
import { limits } from '../value/text';
import type { Money } from '../value/money';
import type { Severity } from '../value/severity';
import type { Timestamp } from '../value/timestamp';

/** The facts of an exception that a ticket is made of. */
export type TicketSubject = Readonly<{
  id: string;
  transactionId: string;
  reason: string;
  severity: Severity;
  amount?: Money;
  source?: string;
  occurredAt?: Timestamp;
  createdAt: Timestamp;
  dueAt: Timestamp;
  differences?: readonly Readonly<{ field: string; expected?: string; actual?: string }>[];
}>;

/**
 * The text of a ticket, frozen when the dispatch is reserved: each attempt sends the same. Connectors put it into the
 * format of their system and add no text of their own.
 */
export type Message = Readonly<{
  exceptionId: string;
  transactionId: string;
  severity: Severity;
  dueAt: Timestamp;
  queue?: string;
  /** One line of at most 255 characters, without line breaks. */
  summary: string;
  /** Plain text without markup. */
  paragraphs: readonly string[];
  /** Where the exception can be seen; left out when the address of the desk is not configured. */
  link?: string;
}>;

/** The most characters a summary has, and all paragraphs of a message together; Jira takes 32,767. */
export const messageLimits = Object.freeze({ summary: 255, paragraphs: 30_000 } as const);

const shortLine = 500;

/** The text of a ticket about an exception in its present state: enough to begin work without a question. */
export function messageFor(
  exception: TicketSubject,
  { queue, link }: Readonly<{ queue?: string | undefined; link?: string | undefined }> = {},
): Message {
  const { id, transactionId, severity, dueAt } = exception;
  const facts = factsOf(exception, queue);
  const room = messageLimits.paragraphs - facts.reduce((sum, { length }) => sum + length, 0);
  return defined({
    exceptionId: id,
    transactionId,
    severity,
    dueAt,
    queue,
    summary: summaryOf(exception),
    paragraphs: [...facts, ...differencesOf(exception.differences ?? [], room)],
    link,
  });
}

/** A long reason is cut; the amount never is. */
function summaryOf({ reason, amount, source }: TicketSubject): string {
  const rest = [amount && `${amount.amount} ${amount.currency}`, source && plainLine(source, 60)];
  const facts = rest.filter((fact) => fact !== undefined).join(', ');
  if (facts === '') return plainLine(reason, messageLimits.summary);
  return `${plainLine(reason, messageLimits.summary - facts.length - 2)}: ${facts}`;
}

function factsOf(exception: TicketSubject, queue: string | undefined): readonly string[] {
  const { id, reason, amount, severity, occurredAt, createdAt, dueAt, source, transactionId } = exception;
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Reason', reason],
    ['Amount', amount && `${amount.amount} ${amount.currency}`],
    ['Severity', severity],
    ['Occurred', occurredAt && readableTime(occurredAt)],
    ['Reported', readableTime(createdAt)],
    ['Due', readableTime(dueAt)],
    ['Source', source],
    ['Transaction', transactionId],
    ['Exception', id],
    ['Queue', queue],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [plainLine(`${name}: ${value}`, shortLine)],
  );
}

/** One paragraph for each field that differs. Where the room is too small, all are cut to the same length. */
function differencesOf(
  differences: NonNullable<TicketSubject['differences']>,
  room: number,
): readonly string[] {
  const listed = differences.slice(0, limits.differences);
  // A line has three texts and some words between them.
  const each = Math.floor((room / Math.max(listed.length, 1) - 40) / 3);
  const value = (text: string | undefined): string =>
    text === undefined ? 'nothing' : `“${plainLine(text, Math.min(each, limits.differenceValue))}”`;
  return listed.map(
    ({ field, expected, actual }) =>
      `${plainLine(field, Math.min(each, limits.differenceField))}: expected ${value(expected)}, found ${value(actual)}`,
  );
}

/** The text of a note on a ticket. */
export const noteText = (text: string): string => plainText(text, messageLimits.paragraphs);

/** `2025-01-15 10:30 UTC`: a time to the minute, for people. */
export const readableTime = (at: Timestamp): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
