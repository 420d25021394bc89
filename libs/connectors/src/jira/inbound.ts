import { listOf, member, textOf, type JsonReader } from '../kit/json';
import { longest, paragraphText } from './document';
import type { JiraSettings } from './settings';
import { markOf } from '../kit/http-result';
import { momentOf } from '../kit/ticket-status';
import type { ParsedMessage, TicketUpdate } from '@redress/domain/integrations';
import {
  isAmong,
  lineAt,
  markIn,
  notesAt,
  parseJsonMessage,
  whenPresent,
  withoutTime,
} from '../kit/read-message';
import { isHmacSha256, isMessageId, type VerifySignature } from '../kit/verify-signature';

/** Verifies a signature of Jira, which is of the body alone: the identifier of the webhook is not proven by it. */
export const verifyJiraSignature: VerifySignature = (secrets, { headers, body }) => {
  const id = headers['x-atlassian-webhook-identifier'];
  if (id !== undefined && !isMessageId(id)) return undefined;
  if (!isHmacSha256(secrets, [body], headers['x-hub-signature'])) return undefined;
  return id === undefined ? {} : { id };
};

/** The resolutions and statuses that say that Jira will not do it, by the names that Jira gives them. */
export const defaultReturns: readonly string[] = [
  "Won't Do",
  "Won't Fix",
  'Duplicate',
  'Cannot Reproduce',
  'Declined',
  'Rejected',
  'Cancelled',
  'Canceled',
];

/** Parses an event of a webhook that an administrator of Jira set up. Its fields are as of the event. */
export const parseJiraMessage = (
  body: Uint8Array,
  json: JsonReader,
  { returns = defaultReturns }: Pick<JiraSettings, 'returns'> = {},
): ParsedMessage => parseJsonMessage(body, json, (event) => parseEvent(event, returns));

function parseEvent(event: unknown, returns: readonly string[]): ParsedMessage {
  const kind = lineAt(event, 'webhookEvent') ?? 'unknown';
  const issue = member(event, 'issue');
  const marks = (listOf(member(issue, 'fields', 'labels')) ?? []).flatMap(
    (label) => markOfLabel(label) ?? [],
  );
  const at = momentOf(member(issue, 'fields', 'updated'));
  return {
    kind,
    marks,
    ...whenPresent('reference', lineAt(issue, 'key')),
    ...whenPresent('ticketId', lineAt(issue, 'id')),
    ...whenPresent('movedFrom', movedFrom(event)),
    ...whenPresent('at', at),
    update: updateOf(kind, event, { isTimed: at !== undefined, isMarked: marks.length > 0, returns }),
  };
}

/** The key before a move to another project, which the changelog tells. */
const movedFrom = (event: unknown): string | undefined =>
  (listOf(member(event, 'changelog', 'items')) ?? []).flatMap((item) =>
    member(item, 'field') === 'Key' ? (lineAt(item, 'fromString') ?? []) : [],
  )[0];

type Known = Readonly<{ isTimed: boolean; isMarked: boolean; returns: readonly string[] }>;

function updateOf(kind: string, event: unknown, { isTimed, isMarked, returns }: Known): TicketUpdate {
  if (kind === 'jira:issue_deleted') return { type: 'deleted' };
  if (kind.startsWith('comment_'))
    return { type: isOurs(member(event, 'comment', 'body')) ? 'echo' : 'nothing' };
  if (kind !== 'jira:issue_updated' && kind !== 'jira:issue_created') return { type: 'nothing' };
  if (!isTimed) return withoutTime('issue.fields.updated');
  const update = statusOf(event, returns);
  const isEcho = kind === 'jira:issue_created' && isMarked && update.type === 'not_begun';
  return isEcho ? { type: 'echo' } : update;
}

/** Names of statuses are the site's own; the keys of their categories are the same on every site. */
function statusOf(event: unknown, returns: readonly string[]): TicketUpdate {
  const fields = member(event, 'issue', 'fields');
  const name = lineAt(fields, 'status', 'name') ?? 'no name';
  switch (member(fields, 'status', 'statusCategory', 'key')) {
    case 'new':
      return { type: 'not_begun' };
    case 'indeterminate':
      return { type: 'taken_up', ...whenPresent('assignee', nameOf(member(fields, 'assignee'))) };
    case 'done': {
      const resolution = notesAt(fields, 'resolution', 'name');
      const how = resolution ?? name;
      const who = nameOf(member(event, 'user'));
      const notes = who === undefined ? `${how}, in Jira` : `${how}, in Jira by ${who}`;
      const isReturned = [resolution, name].some((one) => one !== undefined && isAmong(returns, one));
      return { type: isReturned ? 'returned' : 'done', notes };
    }
    default:
      return { type: 'unknown_status', problem: `The status “${name}” is in no category that Jira has.` };
  }
}

/** What people are shown of others depends on what these want to show. */
const nameOf = (person: unknown): string | undefined =>
  lineAt(person, 'displayName') ?? lineAt(person, 'emailAddress') ?? lineAt(person, 'accountId');

const prefix = markOf('');

function markOfLabel(label: unknown): string | undefined {
  const text = textOf(label);
  return text?.startsWith(prefix) ? markIn(text.slice(prefix.length)) : undefined;
}

/**
 * A comment that ends with a mark was written by us. Who is signed in does not tell: with the token of a person, what
 * that person does is signed in as we are.
 */
function isOurs(body: unknown): boolean {
  const lines =
    typeof body === 'string'
      ? body
          .slice(-longest)
          .split(/\r?\n/)
          .map((line) => line.trim())
      : paragraphsOf(body);
  return lines.some((line) => markOfLabel(line) !== undefined);
}

/** The texts of the paragraphs that are nothing but one text, as a mark is. */
const paragraphsOf = (document: unknown): readonly string[] =>
  (listOf(member(document, 'content')) ?? []).flatMap((block) => {
    const first = textOf(member(listOf(member(block, 'content'))?.[0], 'text'));
    return first !== undefined && first === paragraphText(block) ? [first] : [];
  });
