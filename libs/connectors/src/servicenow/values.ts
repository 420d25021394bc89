import { plainLine, plainText, type Message, type Severity } from '@redress/domain';
import type { ServiceNowSettings } from './settings';

/** ServiceNow works the priority out of these two: 1 is high, 3 is low. */
const ratings: Readonly<Record<Severity, Readonly<{ urgency: string; impact: string }>>> = {
  CRITICAL: { urgency: '1', impact: '1' },
  HIGH: { urgency: '1', impact: '2' },
  MEDIUM: { urgency: '2', impact: '2' },
  LOW: { urgency: '3', impact: '3' },
};

/** What a new instance has room for; it cuts what is longer without a word, and with it the mark or the link. */
export const longest = { shortDescription: 160, description: 4000, workNote: 4000 } as const;
/** The fields of a record that a table may do without. */
export const dispensable = [
  'description',
  'urgency',
  'impact',
  'due_date',
  'caller_id',
  'assignment_group',
  'correlation_display',
] as const;

/** The fields that a connection cannot set, since they come from the exception. */
export const reserved = ['correlation_id', 'short_description', 'description'] as const;

type Values = Readonly<Record<string, string>>;

/** The values of a new record: those of the message, without those to omit, and the constant ones of the connection. */
export function valuesOf(settings: ServiceNowSettings, correlationId: string, message: Message): Values {
  const { callerId, assignmentGroups = {}, omit = [], fields = {} } = settings;
  const { queue, link, dueAt } = message;
  const group =
    queue !== undefined && Object.hasOwn(assignmentGroups, queue) ? assignmentGroups[queue] : undefined;
  const values = {
    correlation_id: correlationId,
    correlation_display: 'Redress',
    short_description: plainLine(message.summary, longest.shortDescription),
    description: endingWith(message.paragraphs.join('\n'), link, longest.description),
    ...ratings[message.severity],
    due_date: `${dueAt.slice(0, 10)} ${dueAt.slice(11, 19)}`,
    ...(callerId !== undefined && { caller_id: callerId }),
    ...(group !== undefined && { assignment_group: group }),
  };
  return { ...without(values, omit), ...fields };
}

export const without = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));

/** What a data policy says: which fields it demands, and which it does not let be set. By their labels, not their names. */
const policies = /following fields are (mandatory|read[- ]?only):([^.;\n]*)/gi;

/** The labels of fields whose names are others. */
const labels: Readonly<Record<string, string>> = { caller: 'caller_id', due: 'due_date' };

const nameOf = (label: string): string => {
  const name = label
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  return labels[name] ?? name;
};

/** The fields that the complaints of an instance name: mandatory ones by their labels, read-only ones by their names. */
export function namedIn(
  complaints: readonly string[],
): Readonly<{ mandatory: readonly string[]; readOnly: readonly string[] }> {
  const found = complaints
    .flatMap((complaint) => [...complaint.matchAll(policies)])
    .map(([, kind = '', list = '']) => ({
      isMandatory: kind.toLowerCase() === 'mandatory',
      labels: list
        .split(',')
        .map((label) => label.trim())
        .filter((label) => label !== ''),
    }));
  return {
    mandatory: found.flatMap((one) => (one.isMandatory ? one.labels : [])),
    readOnly: found.flatMap((one) => (one.isMandatory ? [] : one.labels.map(nameOf))),
  };
}

/** The fields to leave out of a repeat, where all that are read-only can be. What the connection sets is never left out. */
export function valuesToDrop(
  readOnly: readonly string[],
  sent: Values,
  { fields = {} }: ServiceNowSettings,
): readonly string[] {
  const isDroppable = (name: string): boolean =>
    dispensable.some((one) => one === name) && Object.hasOwn(sent, name) && !Object.hasOwn(fields, name);
  return readOnly.every(isDroppable) ? readOnly : [];
}

/** The end stays, whatever there is room for before it. */
export const endingWith = (text: string, end: string | undefined, max: number): string =>
  end === undefined ? plainText(text, max) : `${plainText(text, max - end.length - 2)}\n\n${end}`;
