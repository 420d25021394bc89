import type { Message } from '@redress/domain';
import type { Connector, LookupResult, SendResult, Tested } from '../kit/connector';
import { documentOf, hasParagraph } from './document';
import { listOf, member, textOf } from '../kit/json';
import {
  asSentence,
  foundOrNone,
  isSuccess,
  markOf,
  sentBy,
  unavailable,
  type Outbound,
} from '../kit/http-result';
import { momentOf, type StatusRead, type TicketCategory } from '../kit/ticket-status';
import { fieldProblems, isIssueKey, JiraClient, notAKey, property } from './client';
import { testJira } from './connection-test';
import { fieldsOf, fieldsToDrop, missingFields, placeOf, without } from './fields';
import { findIssues } from './search';
import type { JiraSecrets, JiraSettings } from './settings';

/** Of comments: more are never there, and an answer that never ends has to. */
const mostPages = 100;
const pageSize = 50;

/** Jira Cloud, by its REST API of version 3. */
export class JiraConnector implements Connector {
  private readonly jira: JiraClient;

  constructor(
    private readonly settings: JiraSettings & JiraSecrets,
    outbound: Outbound,
  ) {
    this.jira = new JiraClient(settings, outbound);
  }

  /** A 400 creates nothing, so the fields that it names are left out and the rest is sent again: once for each, at most. */
  async createTicket(correlationId: string, message: Message, signal: AbortSignal): Promise<SendResult> {
    const properties = [{ key: property, value: { correlationId, exceptionId: message.exceptionId } }];
    const dropped: string[] = [];
    for (let fields = fieldsOf(this.settings, message, markOf(correlationId)); ;) {
      const reply = await this.jira.call('POST', '/issue', signal, { fields, properties });
      const refused = reply.kind === 'answer' && reply.status === 400 ? fieldProblems(reply.body) : [];
      const drop = fieldsToDrop(refused, fields, this.settings);
      if (drop.length === 0) {
        const sent = sentBy(reply, (body) => this.jira.ticket(body));
        return withAdvice(sent, dropped, missingFields(refused, fields));
      }
      dropped.push(...drop);
      fields = without(fields, drop);
    }
  }

  findTicket(correlationId: string, signal: AbortSignal, message?: Message): Promise<LookupResult> {
    return findIssues(this.jira, correlationId, placeOf(this.settings, message?.queue).project, signal);
  }

  async addNote(
    reference: string,
    correlationId: string,
    text: string,
    signal: AbortSignal,
  ): Promise<SendResult> {
    if (!isIssueKey(reference)) return { outcome: 'refused', problem: notAKey(reference) };
    const reply = await this.jira.call('POST', `/issue/${reference}/comment`, signal, {
      body: documentOf([text], { mark: markOf(correlationId) }),
      properties: [{ key: property, value: { correlationId } }],
    });
    return sentBy(reply, (body) => this.jira.note(reference, body));
  }

  async findNote(reference: string, correlationId: string, signal: AbortSignal): Promise<LookupResult> {
    if (!isIssueKey(reference)) return { outcome: 'unavailable', problem: notAKey(reference) };
    const notes: unknown[] = [];
    for (let page = 0, seen = 0; page < mostPages; page++) {
      const query = `startAt=${seen}&maxResults=${pageSize}&orderBy=created&expand=properties`;
      const reply = await this.jira.call('GET', `/issue/${reference}/comment?${query}`, signal);
      const some = isSuccess(reply) ? listOf(member(reply.body, 'comments')) : undefined;
      if (!isSuccess(reply) || !some) return unavailable(reply);
      notes.push(...some.filter((comment) => isNote(comment, correlationId)));
      seen += some.length;
      if (some.length === 0 || seen >= Number(member(reply.body, 'total'))) {
        return foundOrNone(notes.flatMap((comment) => this.jira.note(reference, comment) ?? []));
      }
    }
    return { outcome: 'unavailable', problem: 'Jira listed more comments than an issue can have' };
  }

  /** How far an issue is; creating it says nothing of that. */
  async status(reference: string, signal: AbortSignal): Promise<StatusRead> {
    if (!isIssueKey(reference)) return { outcome: 'none', problem: notAKey(reference) };
    const reply = await this.jira.call('GET', `/issue/${reference}?fields=status,assignee,updated`, signal);
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

  test(signal: AbortSignal): Promise<Tested> {
    return testJira(this.jira, this.settings, signal);
  }
}

/** Says with an issue which fields were left out, and with a refusal which setting brings the fields that are missing. */
function withAdvice(sent: SendResult, dropped: readonly string[], missing: readonly string[]): SendResult {
  if (sent.outcome === 'created' && dropped.length)
    return { ...sent, problem: `Jira did not take ${dropped.join(', ')}: left out.` };
  if (sent.outcome === 'refused' && missing.length)
    return {
      ...sent,
      problem: `${asSentence(sent.problem)} Set ${missing.join(', ')} in fields of the connection.`,
    };
  return sent;
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
