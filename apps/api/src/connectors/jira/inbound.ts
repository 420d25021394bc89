import { listOf, member, textOf } from '../kit/json';
import { longest, paragraphText } from './document';
import { markOf } from '../kit/http-result';
import { momentOf } from '../kit/ticket-status';
import type { JsonValue } from '../../json/strict-json';
import type { Heard, Says } from '../../inbound/inbound-message';
import { lineAt, markIn, notesAt, readBody, whenSaid, withoutTime } from '../kit/read-message';

/** What a webhook of Jira tells, of the kind an administrator sets up. What it says of fields is as of its event. */
export const readJira = (body: Buffer): Heard => readBody(body, heard);

function heard(event: JsonValue): Heard {
  const kind = lineAt(event, 'webhookEvent') ?? 'unknown';
  const issue = member(event, 'issue');
  const marks = (listOf(member(issue, 'fields', 'labels')) ?? []).flatMap(
    (label) => markOfLabel(label) ?? [],
  );
  const at = momentOf(member(issue, 'fields', 'updated'));
  return {
    kind,
    marks,
    ...whenSaid('reference', lineAt(issue, 'key')),
    ...whenSaid('at', at),
    says: sayingOf(kind, event, at !== undefined, marks.length > 0),
  };
}

function sayingOf(kind: string, event: JsonValue, isTimed: boolean, isMarked: boolean): Says {
  if (kind === 'jira:issue_deleted') return { what: 'deleted' };
  if (kind.startsWith('comment_'))
    return { what: isOurs(member(event, 'comment', 'body')) ? 'echo' : 'nothing' };
  if (kind !== 'jira:issue_updated' && kind !== 'jira:issue_created') return { what: 'nothing' };
  if (!isTimed) return withoutTime('issue.fields.updated');
  const says = statusOf(event);
  const isEcho = kind === 'jira:issue_created' && isMarked && says.what === 'not_begun';
  return isEcho ? { what: 'echo' } : says;
}

/** Names of statuses are the site's own; the keys of their categories are everybody's. */
function statusOf(event: JsonValue): Says {
  const fields = member(event, 'issue', 'fields');
  const name = lineAt(fields, 'status', 'name') ?? 'no name';
  switch (member(fields, 'status', 'statusCategory', 'key')) {
    case 'new':
      return { what: 'not_begun' };
    case 'indeterminate':
      return { what: 'taken_up', ...whenSaid('assignee', nameOf(member(fields, 'assignee'))) };
    case 'done': {
      const how = notesAt(fields, 'resolution', 'name') ?? name;
      const who = nameOf(member(event, 'user'));
      return { what: 'done', notes: who === undefined ? `${how}, in Jira` : `${how}, in Jira by ${who}` };
    }
    default:
      return { what: 'unknown_status', problem: `The status “${name}” is in no category that Jira has.` };
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
