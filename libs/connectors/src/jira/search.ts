import { timeOfUuid } from '@redress/domain/integrations';
import { isUuid } from '@redress/domain';
import type { LookupResult } from '../kit/connector';
import {
  asSentence,
  foundOrNone,
  isSuccess,
  markOf,
  unavailable,
  type Unavailable,
} from '../kit/http-result';
import { listOf, member, textOf } from '../kit/json';
import { momentOf } from '../kit/ticket-status';
import { property, type JiraClient } from './client';

/** Of issues with one label, more are never there, and an answer that never ends has to. */
const mostPages = 100;
/** Of the account's own issues, so many pages are read back to the time of the dispatch. */
const mostOwnPages = 20;
const pageSize = 50;
/** How far the clock of a site may be off. */
const clockSlackMs = 3_600_000;

/** The issues that a query shows; `isWhole`: all of them, or all that were asked for. */
type Shown = Readonly<{ issues: readonly unknown[]; isWhole: boolean }>;

/**
 * Looks for the issues of a dispatch by their label. Where that shows none, the account's own issues are listed back to the
 * time of the dispatch: they show an issue without its label, and whether the search shows what the account creates.
 */
export async function findIssues(
  jira: JiraClient,
  correlationId: string,
  project: string,
  signal: AbortSignal,
): Promise<LookupResult> {
  const labelled = await search(
    jira,
    `labels = ${quoted(markOf(correlationId))} ORDER BY created ASC`,
    signal,
  );
  if ('outcome' in labelled) return labelled;
  if (!labelled.isWhole)
    return { outcome: 'unavailable', problem: 'Jira found more issues than it can have' };
  const marked = ticketsIn(jira, labelled.issues, correlationId);
  if (marked.length) return foundOrNone(marked);

  const since = isUuid(correlationId) ? timeOfUuid(correlationId).getTime() - clockSlackMs : 0;
  const own = await ownIssues(jira, project, signal, since);
  if ('outcome' in own) return foundOrNone([], asSentence(own.problem));
  return foundOrNone(ticketsIn(jira, own.issues, correlationId), proofIn(jira, own, project));
}

/** Whether the search shows this account what it creates: true, or a sentence that says that it is not proven. */
export const proofIn = (jira: JiraClient, { issues, isWhole }: Shown, project: string): true | string => {
  if (!issues.some((issue) => jira.ticket(issue)))
    return `The search shows nothing that this account created in ${project}, so it cannot tell.`;
  return isWhole || 'This account created more issues since then than can be looked through.';
};

/** The issues that this account created in the project, the latest first, back to a moment. */
export const ownIssues = (
  jira: JiraClient,
  project: string,
  signal: AbortSignal,
  sinceMs: number,
): Promise<Shown | Unavailable> =>
  search(jira, `project = ${quoted(project)} AND creator = currentUser() ORDER BY created DESC`, signal, {
    pages: mostOwnPages,
    isEnough: (issue) => createdAt(issue) < sinceMs,
  });

async function search(
  jira: JiraClient,
  jql: string,
  signal: AbortSignal,
  until: Readonly<{ pages: number; isEnough: (issue: unknown) => boolean }> = {
    pages: mostPages,
    isEnough: () => false,
  },
): Promise<Shown | Unavailable> {
  const query = { jql, fields: ['labels', 'created'], properties: [property], maxResults: pageSize };
  const issues: unknown[] = [];
  let nextPageToken: string | undefined;
  for (let page = 0; page < until.pages; page++) {
    const body = { ...query, ...(nextPageToken !== undefined && { nextPageToken }) };
    const reply = await jira.call('POST', '/search/jql', signal, body);
    const some = isSuccess(reply) ? listOf(member(reply.body, 'issues')) : undefined;
    if (!isSuccess(reply) || !some) return unavailable(reply);
    issues.push(...some);
    nextPageToken = textOf(member(reply.body, 'nextPageToken'));
    const isLast = nextPageToken === undefined || member(reply.body, 'isLast') === true;
    if (isLast || until.isEnough(some.at(-1))) return { issues, isWhole: true };
  }
  return { issues, isWhole: false };
}

const quoted = (text: string): string => JSON.stringify(text);

/**
 * The issues with this mark, oldest first. An issue that was copied has the label of the original, but not its property;
 * one whose label was taken off in the meantime keeps the property.
 */
function ticketsIn(jira: JiraClient, issues: readonly unknown[], correlationId: string) {
  const own = issues.filter((issue) => propertyOf(issue) === correlationId);
  const labelled = issues.filter(
    (issue) =>
      propertyOf(issue) === undefined &&
      listOf(member(issue, 'fields', 'labels'))?.includes(markOf(correlationId)),
  );
  return [...(own.length ? own : labelled)].sort(byAge).flatMap((issue) => jira.ticket(issue) ?? []);
}

const propertyOf = (issue: unknown): unknown => member(issue, 'properties', property, 'correlationId');

const createdAt = (issue: unknown): number =>
  Date.parse(momentOf(member(issue, 'fields', 'created')) ?? '') || Infinity;

function byAge(a: unknown, b: unknown): number {
  const created = (issue: unknown): string => momentOf(member(issue, 'fields', 'created')) ?? '';
  const [first, second] = [created(a), created(b)];
  if (first !== second) return first < second ? -1 : 1;
  return Number(member(a, 'id')) - Number(member(b, 'id'));
}
