import { plainLine, type Message, type Severity } from '@redress/domain';
import type { Connector, LookupResult, SendResult, Tested } from '../kit/connector';
import { documentOf, hasParagraph } from './document';
import { listOf, member, textOf } from '../kit/json';
import {
  asSentence,
  foundOrNone,
  isSuccess,
  markOf,
  readReply,
  sentBy,
  unavailable,
  type Outbound,
  type Reply,
} from '../kit/http-result';
import { momentOf, type StatusRead, type TicketCategory } from '../kit/ticket-status';
import type { JiraSecrets, JiraSettings } from './settings';

const defaultPriorities: Readonly<Record<Severity, string>> = {
  CRITICAL: 'Highest',
  HIGH: 'High',
  MEDIUM: 'Medium',
  LOW: 'Low',
};

const property = 'redress';
/** Keys of projects have at most 255 characters and numbers are 64-bit integers; real ones are much shorter. */
const issueKey = /^[A-Z][A-Z0-9_]{0,99}-\d{1,19}$/i;
const longestSummary = 255;
/** Of issues with one label, or of comments: more are never there, and an answer that never ends has to. */
const mostPages = 100;
const pageSize = 50;
/** A comment may have some 32,000 characters, and as a document several bytes for each. */
const pageBytes = 8 * 1024 * 1024;

/** Jira Cloud, by its REST API of version 3. */
export class JiraConnector implements Connector {
  private readonly site: string;
  private readonly credentials: string;

  constructor(
    private readonly settings: JiraSettings & JiraSecrets,
    private readonly outbound: Outbound,
  ) {
    this.site = settings.site.replace(/\/+$/, '');
    this.credentials = Buffer.from(`${settings.email}:${settings.apiToken}`).toString('base64');
  }

  async createTicket(correlationId: string, message: Message, signal: AbortSignal): Promise<SendResult> {
    const reply = await this.call('POST', '/issue', signal, {
      fields: this.fieldsOf(message, markOf(correlationId)),
      properties: [{ key: property, value: { correlationId, exceptionId: message.exceptionId } }],
    });
    return sentBy(reply, (body) => this.ticket(member(body, 'key')));
  }

  private fieldsOf(message: Message, mark: string): Readonly<Record<string, unknown>> {
    const { project, issueType = 'Task', queues = {}, priorities = {} } = this.settings;
    const queue = message.queue;
    const place = queue !== undefined && Object.hasOwn(queues, queue) ? queues[queue] : undefined;
    return {
      project: { key: place?.project ?? project },
      issuetype: { name: issueType },
      summary: plainLine(message.summary, longestSummary),
      description: documentOf(message.paragraphs, { link: message.link }),
      labels: [mark],
      priority: { name: priorities[message.severity] ?? defaultPriorities[message.severity] },
      duedate: message.dueAt.slice(0, 10),
      ...(place?.component !== undefined && { components: [{ name: place.component }] }),
    };
  }

  /** The index lags behind by seconds, so that nothing found does not yet mean that nothing is there. */
  async findTicket(correlationId: string, signal: AbortSignal): Promise<LookupResult> {
    const jql = `labels = ${JSON.stringify(markOf(correlationId))} ORDER BY created ASC`;
    const query = { jql, fields: ['labels', 'created'], properties: [property], maxResults: pageSize };
    const issues: unknown[] = [];
    let nextPageToken: string | undefined;
    for (let page = 0; page < mostPages; page++) {
      const body = { ...query, ...(nextPageToken !== undefined && { nextPageToken }) };
      const reply = await this.call('POST', '/search/jql', signal, body);
      const some = isSuccess(reply) ? listOf(member(reply.body, 'issues')) : undefined;
      if (!isSuccess(reply) || !some) return unavailable(reply);
      issues.push(...some);
      nextPageToken = textOf(member(reply.body, 'nextPageToken'));
      if (nextPageToken === undefined || member(reply.body, 'isLast') === true) {
        return foundOrNone(marked(issues, correlationId).flatMap((issue) => this.ticket(issue) ?? []));
      }
    }
    return { outcome: 'unavailable', problem: 'Jira found more issues than it can have' };
  }

  async addNote(
    reference: string,
    correlationId: string,
    text: string,
    signal: AbortSignal,
  ): Promise<SendResult> {
    if (!issueKey.test(reference)) return { outcome: 'refused', problem: notAKey(reference) };
    const reply = await this.call('POST', `/issue/${reference}/comment`, signal, {
      body: documentOf([text], { mark: markOf(correlationId) }),
      properties: [{ key: property, value: { correlationId } }],
    });
    return sentBy(reply, (body) => this.note(reference, body));
  }

  async findNote(reference: string, correlationId: string, signal: AbortSignal): Promise<LookupResult> {
    if (!issueKey.test(reference)) return { outcome: 'unavailable', problem: notAKey(reference) };
    const notes: unknown[] = [];
    for (let page = 0, seen = 0; page < mostPages; page++) {
      const query = `startAt=${seen}&maxResults=${pageSize}&orderBy=created&expand=properties`;
      const reply = await this.call('GET', `/issue/${reference}/comment?${query}`, signal);
      const some = isSuccess(reply) ? listOf(member(reply.body, 'comments')) : undefined;
      if (!isSuccess(reply) || !some) return unavailable(reply);
      notes.push(...some.filter((comment) => isNote(comment, correlationId)));
      seen += some.length;
      if (some.length === 0 || seen >= Number(member(reply.body, 'total'))) {
        return foundOrNone(notes.flatMap((comment) => this.note(reference, comment) ?? []));
      }
    }
    return { outcome: 'unavailable', problem: 'Jira listed more comments than an issue can have' };
  }

  /** How far an issue is; creating it says nothing of that. */
  async status(reference: string, signal: AbortSignal): Promise<StatusRead> {
    if (!issueKey.test(reference)) return { outcome: 'none', problem: notAKey(reference) };
    const reply = await this.call('GET', `/issue/${reference}?fields=status,assignee,updated`, signal);
    if (reply.kind === 'answer' && reply.status === 404) return { outcome: 'none', problem: reply.problem };
    const fields = isSuccess(reply) ? member(reply.body, 'fields') : undefined;
    const name = textOf(member(fields, 'status', 'name'));
    if (name === undefined) return unavailable(reply);
    const assignee = textOf(member(fields, 'assignee', 'displayName'));
    const updatedAt = momentOf(member(fields, 'updated'));
    return {
      outcome: 'read',
      status: {
        name,
        category: categoryOf(member(fields, 'status', 'statusCategory', 'key')),
        ...(assignee !== undefined && { assignee }),
        ...(updatedAt !== undefined && { updatedAt }),
      },
    };
  }

  /** Signs in and reads the project. */
  async test(signal: AbortSignal): Promise<Tested> {
    const { project, issueType = 'Task', queues = {} } = this.settings;
    const me = await this.call('GET', '/myself', signal);
    const name = isSuccess(me) ? textOf(member(me.body, 'displayName')) : undefined;
    if (name === undefined) return { ok: false, detail: asSentence(me.problem) };
    const projects = new Set([project, ...Object.values(queues).map((place) => place.project ?? project)]);
    for (const key of projects) {
      const reply = await this.call('GET', `/project/${encodeURIComponent(key)}`, signal);
      if (!isSuccess(reply))
        return { ok: false, detail: asSentence(`For the project ${key}, ${reply.problem}`) };
      const types = (listOf(member(reply.body, 'issueTypes')) ?? []).map((type) => member(type, 'name'));
      if (!types.includes(issueType))
        return { ok: false, detail: `The project ${key} has no issues of type ${issueType}.` };
    }
    return { ok: true, detail: `Signed in as ${plainLine(name, 100)}; may see ${[...projects].join(', ')}.` };
  }

  private async call(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<Reply> {
    const answer = await this.outbound.request({
      method,
      url: `${this.site}/rest/api/3${path}`,
      headers: {
        authorization: `Basic ${this.credentials}`,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal,
      maxAnswerBytes: pageBytes,
    });
    return readReply('Jira', answer, complaints, [this.credentials, this.settings.apiToken]);
  }

  private ticket(key: unknown): Readonly<{ reference: string; url?: string }> | undefined {
    if (typeof key !== 'string' || !issueKey.test(key)) return undefined;
    return { reference: key, ...this.address(key) };
  }

  private note(issue: string, comment: unknown): Readonly<{ reference: string; url?: string }> | undefined {
    const id = textOf(member(comment, 'id'));
    if (id === undefined || !/^\d+$/.test(id)) return undefined;
    return { reference: id, ...this.address(`${issue}?focusedCommentId=${id}`) };
  }

  /** Users cannot browse behind the gateway. */
  private address(page: string): Readonly<{ url?: string }> {
    return /\/ex\/jira\/[^/]+$/.test(this.site) ? {} : { url: `${this.site}/browse/${page}` };
  }
}

/**
 * The keys of the issues with this mark, oldest first. An issue that was copied has the label of the original, but not
 * its property; one whose label was taken off in the meantime keeps the property.
 */
function marked(issues: readonly unknown[], correlationId: string): readonly unknown[] {
  const own = issues.filter((issue) => propertyOf(issue) === correlationId);
  const labelled = issues.filter(
    (issue) =>
      propertyOf(issue) === undefined &&
      listOf(member(issue, 'fields', 'labels'))?.includes(markOf(correlationId)),
  );
  return [...(own.length ? own : labelled)].sort(byAge).map((issue) => member(issue, 'key'));
}

const propertyOf = (issue: unknown): unknown => member(issue, 'properties', property, 'correlationId');

function byAge(a: unknown, b: unknown): number {
  const created = (issue: unknown): string => momentOf(member(issue, 'fields', 'created')) ?? '';
  const [first, second] = [created(a), created(b)];
  if (first !== second) return first < second ? -1 : 1;
  return Number(member(a, 'id')) - Number(member(b, 'id'));
}

/** By its property, where Jira shows it, or by a paragraph that is the mark: people may change a comment. */
const isNote = (comment: unknown, correlationId: string): boolean =>
  hasParagraph(member(comment, 'body'), markOf(correlationId)) ||
  (listOf(member(comment, 'properties')) ?? []).some(
    (each) => member(each, 'key') === property && member(each, 'value', 'correlationId') === correlationId,
  );

/** Names of statuses are the site's own; the keys of their categories are the same on every site. */
function categoryOf(key: unknown): TicketCategory {
  return key === 'new' || key === 'indeterminate' || key === 'done' ? key : 'undefined';
}

/** What Jira says is wrong: sentences of its own, and one for each field. */
const complaints = (body: unknown): readonly string[] => [
  ...(listOf(member(body, 'errorMessages')) ?? []).flatMap((message) => textOf(message) ?? []),
  ...Object.entries(member(body, 'errors') ?? {}).flatMap(([field, message]) =>
    typeof message === 'string' ? [`${field}: ${message}`] : [],
  ),
];

const notAKey = (reference: string): string => `${plainLine(reference, 60)} is not the key of a Jira issue`;
