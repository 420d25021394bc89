import type { HistoryEvent, Json } from '../change';
import { noteText, readableTime } from '../dispatch/ticket-text';
import { exceptionEvents } from './exception.lifecycle';

/**
 * The note that a change of the exception puts on its tickets; undefined for a change that external systems do not need
 * to know. The system that reported the change gets no note, which is up to the caller.
 */
export function exceptionNote(event: HistoryEvent): string | undefined {
  const text = textOf(event);
  return text === undefined ? undefined : noteText(text);
}

function textOf({ type, actor, changes, data }: HistoryEvent): string | undefined {
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
        now('dueAt') && `due ${readableTime(now('dueAt') ?? '')}`,
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
    default:
      return undefined;
  }
}

const asText = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function sentence(...parts: readonly (string | undefined)[]): string | undefined {
  const text = parts.filter((part) => part !== undefined).join(', ');
  return text === '' ? undefined : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
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
  return ` of ${parts.join(' ')}${effective === undefined ? '' : `, effective ${readableTime(effective)}`}`;
}

const member = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined;
