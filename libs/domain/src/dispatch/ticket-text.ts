import { commentEvents } from '../comment/comment';
import type { HistoryEvent, Json } from '../change';
import { exceptionEvents } from '../exception/exception.lifecycle';
import type { Difference, ReconException } from '../exception/recon-exception';
import { plainLine, plainText } from '../value/plain';
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

/**
 * What whoever has the ticket should know of a later change, as one paragraph; undefined when there is nothing they
 * need. Whether the news came from them in the first place is for the caller to know.
 */
export function noteFor(event: HistoryEvent): string | undefined {
  const text = told(event);
  return text === undefined ? undefined : plainText(text, messageLimits.paragraphs);
}

function told({ type, actor, changes, data }: HistoryEvent): string | undefined {
  const now = (field: string): string | undefined => asText(changes[field]?.to);
  const before = (field: string): string | undefined => asText(changes[field]?.from);
  const because = (reason: string | undefined): string => (reason === undefined ? '.' : `: ${reason}`);
  const resolution = `${now('resolutionReason') ?? ''}\n${now('resolutionNotes') ?? ''}`.trim();
  switch (type) {
    case exceptionEvents.escalate:
      return `Severity is now ${now('severity') ?? ''}, before ${before('severity') ?? ''}.`;
    case exceptionEvents.assign:
      return sentence(
        now('assignedTo') && `Assigned to ${now('assignedTo') ?? ''} by ${actor}`,
        now('dueAt') && `due ${readable(now('dueAt') ?? '')}`,
      );
    case exceptionEvents.unassign:
      return `No longer assigned to ${before('assignedTo') ?? ''}, by ${actor}.`;
    case exceptionEvents.force_match:
      return `Resolved by ${actor}, as a match after all: ${resolution}`;
    case exceptionEvents.adjust_entry:
      return `Resolved by ${actor}, by an adjustment${adjustmentOf(data)}: ${resolution}`;
    case exceptionEvents.resolve:
      return `Resolved by ${actor}: ${resolution}`;
    case exceptionEvents.confirm:
      return `Resolved by ${actor}${because(resolution || asText(data?.['notes']))}`;
    case exceptionEvents.return:
      return `Given back by ${actor}${because(asText(data?.['reason']))}`;
    case exceptionEvents.recall:
      return `Taken back by ${actor}, there is nothing left to do here${because(asText(data?.['reason']))}`;
    case commentEvents.add_comment:
      return `${actor} commented: ${now('content') ?? ''}`;
    case commentEvents.edit_comment:
      return `${actor} changed a comment: ${now('content') ?? ''}`;
    default:
      return undefined;
  }
}

const asText = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function sentence(...parts: readonly (string | undefined)[]): string | undefined {
  const said = parts.filter((part) => part !== undefined).join(', ');
  return said === '' ? undefined : `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
}

function adjustmentOf(data: HistoryEvent['data']): string {
  const adjustment = member(data, 'adjustment');
  const amount = member(adjustment, 'amount');
  const parts = [
    member(adjustment, 'direction'),
    member(amount, 'amount'),
    member(amount, 'currency'),
  ].flatMap((part) => asText(part) ?? []);
  const effective = asText(member(adjustment, 'effectiveAt'));
  if (parts.length < 3) return '';
  return ` of ${parts.join(' ')}${effective === undefined ? '' : `, effective ${readable(effective)}`}`;
}

const member = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined;

/** `2025-01-15 10:30 UTC`: what a person needs of a moment. */
const readable = (at: Timestamp): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
