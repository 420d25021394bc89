import { plainLine } from '@redress/domain';
import { member, textOf } from '../kit/json';
import type { JsonValue } from '../../json/strict-json';
import type { Heard, Says } from '../../inbound/inbound-message';
import {
  lineAt,
  notesAt,
  readBody,
  timeAt,
  uuidAt,
  uuidOf,
  whenSaid,
  withoutTime,
} from '../kit/read-message';

/** What somebody's own system tells about what it was sent. */
export const callbackType = 'exception.callback';

export const readWebhook = (body: Buffer): Heard => readBody(body, heard);

function heard(event: JsonValue): Heard {
  const kind = lineAt(event, 'type') ?? 'unknown';
  const data = member(event, 'data');
  const dispatchId = uuidAt(data, 'dispatchId');
  // As the callback route calls it, or as the answer to a dispatch does.
  const reference = lineAt(data, 'externalIssueId') ?? lineAt(data, 'reference');
  const at = timeAt(data, 'updatedAt') ?? timeAt(event, 'timestamp');
  return {
    kind,
    // Whoever names nothing of its own has the id of the dispatch for a reference, which is that of our webhook.
    marks: [dispatchId, uuidOf(reference)].filter((id) => id !== undefined),
    ...whenSaid('reference', reference),
    ...whenSaid('exceptionId', uuidAt(data, 'exceptionId')),
    ...whenSaid('at', at),
    says: sayingOf(kind, data, at !== undefined),
  };
}

function sayingOf(kind: string, data: unknown, isTimed: boolean): Says {
  if (kind !== callbackType) return { what: 'nothing' };
  return isTimed ? statusOf(data) : withoutTime('timestamp');
}

function statusOf(data: unknown): Says {
  const status = textOf(member(data, 'status')) ?? 'none';
  const notes = whenSaid('notes', notesAt(data, 'resolutionNotes'));
  const due = whenSaid('dueAt', timeAt(data, 'dueAt'));
  switch (status) {
    case 'RESOLVED':
      return { what: 'done', ...notes };
    case 'ASSIGNED':
      return { what: 'taken_up', ...whenSaid('assignee', lineAt(data, 'assignee')), ...due };
    case 'OPEN':
      return { what: 'returned', ...notes, ...due };
    default:
      return {
        what: 'unknown_status',
        problem: `The status “${plainLine(status, 40)}” is none of OPEN, ASSIGNED and RESOLVED.`,
      };
  }
}
