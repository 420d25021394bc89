import type { Difference, ReconException } from '../exception/recon-exception';
import { plainLine } from '../value/plain';
import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';
import type { Message } from './message';

/** The most characters a summary has, and all paragraphs of a message together; Jira takes 32,767. */
export const messageLimits = Object.freeze({ summary: 255, paragraphs: 30_000 } as const);

const shortLine = 500;

/** What is dispatched about an exception as it stands: enough to begin with, without having to ask here. */
export function messageFor(
  exception: ReconException,
  { queue, link }: Readonly<{ queue?: string | undefined; link?: string | undefined }> = {},
): Message {
  const { id, transactionId, severity, dueAt } = exception;
  const facts = factsOf(exception, queue);
  const room = messageLimits.paragraphs - facts.reduce((sum, { length }) => sum + length, 0);
  return {
    exceptionId: id,
    transactionId,
    severity,
    dueAt,
    ...(queue !== undefined && { queue }),
    summary: summaryOf(exception),
    paragraphs: [...facts, ...differencesOf(exception.differences ?? [], room)],
    ...(link !== undefined && { link }),
  };
}

/** The reason is what people wrote, so it is what gives way; the amount is never cut. */
function summaryOf({ reason, amount, source }: ReconException): string {
  const rest = [amount && `${amount.amount} ${amount.currency}`, source && plainLine(source, 60)];
  const facts = rest.filter((fact) => fact !== undefined).join(', ');
  if (facts === '') return plainLine(reason, messageLimits.summary);
  return `${plainLine(reason, messageLimits.summary - facts.length - 2)}: ${facts}`;
}

function factsOf(exception: ReconException, queue: string | undefined): readonly string[] {
  const { id, reason, amount, severity, occurredAt, createdAt, dueAt, source, transactionId } = exception;
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Reason', reason],
    ['Amount', amount && `${amount.amount} ${amount.currency}`],
    ['Severity', severity],
    ['Occurred', occurredAt && readable(occurredAt)],
    ['Reported', readable(createdAt)],
    ['Due', readable(dueAt)],
    ['Source', source],
    ['Transaction', transactionId],
    ['Exception', id],
    ['Queue', queue],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [plainLine(`${name}: ${value}`, shortLine)],
  );
}

/** A paragraph for each field that differs. All are told; where the room is too small, each is cut alike. */
function differencesOf(differences: readonly Difference[], room: number): readonly string[] {
  const told = differences.slice(0, limits.differences);
  // A line has three texts and some words between them.
  const each = Math.floor((room / Math.max(told.length, 1) - 40) / 3);
  const value = (text: string | undefined): string =>
    text === undefined ? 'nothing' : `“${plainLine(text, Math.min(each, limits.differenceValue))}”`;
  return told.map(
    ({ field, expected, actual }) =>
      `${plainLine(field, Math.min(each, limits.differenceField))}: expected ${value(expected)}, found ${value(actual)}`,
  );
}

/** `2025-01-15 10:30 UTC`: what a person needs of a moment. */
export const readable = (at: Timestamp): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
