import { plainLine, type Json, type Message, type Severity } from '@redress/domain';
import { documentOf } from './document';
import type { JiraSettings } from './settings';

const longestSummary = 255;

export const defaultPriorities: Readonly<Record<Severity, string>> = {
  CRITICAL: 'Highest',
  HIGH: 'High',
  MEDIUM: 'Medium',
  LOW: 'Low',
};

/** The fields of an issue that a project may do without: they are left out where it does not take them. */
export const dispensable = ['description', 'labels', 'priority', 'duedate', 'components'] as const;

/** The fields that a connection cannot set, since they come from other settings or from the exception. */
export const reserved = ['project', 'issuetype', 'summary', 'description'] as const;

type Fields = Readonly<Record<string, unknown>>;

/** The place that a queue leads to. */
export const placeOf = (
  { project, queues = {} }: JiraSettings,
  queue: string | undefined,
): Readonly<{ project: string; component?: string }> => ({
  project,
  ...(queue !== undefined && Object.hasOwn(queues, queue) && queues[queue]),
});

/** The fields of a new issue: those of the message, without those to omit, and the constant ones of the connection. */
export function fieldsOf(settings: JiraSettings, message: Message, mark: string): Fields {
  const { issueType = 'Task', priorities = {}, omit = [], fields: constant = {} } = settings;
  const place = placeOf(settings, message.queue);
  const { labels: more, ...others } = constant;
  const fields: Record<string, unknown> = {
    project: { key: place.project },
    issuetype: { name: issueType },
    summary: plainLine(message.summary, longestSummary),
    description: documentOf(message.paragraphs, { link: message.link }),
    labels: [mark, ...labelsIn(more)],
    priority: { name: priorities[message.severity] ?? defaultPriorities[message.severity] },
    duedate: message.dueAt.slice(0, 10),
    ...(place.component !== undefined && { components: [{ name: place.component }] }),
  };
  return { ...without(fields, omit), ...others };
}

const labelsIn = (labels: Json | undefined): readonly Json[] =>
  Array.isArray(labels) ? (labels as readonly Json[]) : [];

export const without = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/**
 * The fields to leave out of a repeat: those that Jira refused, where all of them can be left out. What the connection
 * sets is its administrator's word and is never left out; a field that is not there cannot be.
 */
export function fieldsToDrop(
  refused: readonly (readonly [field: string, problem: string])[],
  sent: Fields,
  { fields: constant = {} }: JiraSettings,
): readonly string[] {
  const names = refused.map(([name]) => name);
  const isDroppable = (name: string): boolean =>
    dispensable.some((one) => one === name) && Object.hasOwn(sent, name) && !Object.hasOwn(constant, name);
  return names.every(isDroppable) ? names : [];
}

/** The fields that Jira asks for and that are not sent: only a setting of the connection can bring them. */
export const missingFields = (
  refused: readonly (readonly [field: string, problem: string])[],
  sent: Fields,
): readonly string[] => refused.map(([name]) => name).filter((name) => !Object.hasOwn(sent, name));
