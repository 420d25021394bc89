import { commentEvents } from '../comment/comment';
import type { HistoryEvent, Json } from '../change';
import { exceptionEvents } from '../exception/exception.lifecycle';
import { plainText } from '../value/plain';
import { messageLimits, readable } from './describe';

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
