import { plainLine } from '@redress/domain';
import { member, textOf, type JsonReader } from '../kit/json';
import type { ParsedMessage, TicketUpdate } from '@redress/domain/integrations';
import {
  lineAt,
  notesAt,
  parseJsonMessage,
  timeAt,
  uuidAt,
  uuidOf,
  whenPresent,
  withoutTime,
} from '../kit/read-message';

/** Event type of a callback. */
const callbackType = 'exception.callback';

/** Parses what a system of the customer's own reports about what it was sent. */
export const parseWebhookMessage = (body: Uint8Array, json: JsonReader): ParsedMessage =>
  parseJsonMessage(body, json, parseEvent);

function parseEvent(event: unknown): ParsedMessage {
  const kind = lineAt(event, 'type') ?? 'unknown';
  const data = member(event, 'data');
  const dispatchId = uuidAt(data, 'dispatchId');
  // As the callback route calls it, or as the answer to a dispatch does.
  const reference = lineAt(data, 'externalIssueId') ?? lineAt(data, 'reference');
  const at = timeAt(data, 'updatedAt') ?? timeAt(event, 'timestamp');
  return {
    kind,
    // A system without ids of its own refers to the id of the dispatch, which is that of our webhook.
    marks: [dispatchId, uuidOf(reference)].filter((id) => id !== undefined),
    ...whenPresent('reference', reference),
    ...whenPresent('exceptionId', uuidAt(data, 'exceptionId')),
    ...whenPresent('at', at),
    update: updateOf(kind, data, at !== undefined),
  };
}

function updateOf(kind: string, data: unknown, isTimed: boolean): TicketUpdate {
  if (kind !== callbackType) return { type: 'nothing' };
  return isTimed ? statusOf(data) : withoutTime('timestamp');
}

function statusOf(data: unknown): TicketUpdate {
  const status = textOf(member(data, 'status')) ?? 'none';
  const notes = whenPresent('notes', notesAt(data, 'resolutionNotes'));
  const due = whenPresent('dueAt', timeAt(data, 'dueAt'));
  switch (status) {
    case 'RESOLVED':
      return { type: 'done', ...notes };
    case 'ASSIGNED':
      return { type: 'taken_up', ...whenPresent('assignee', lineAt(data, 'assignee')), ...due };
    case 'OPEN':
      return { type: 'returned', ...notes, ...due };
    default:
      return {
        type: 'unknown_status',
        problem: `The status “${plainLine(status, 40)}” is none of OPEN, ASSIGNED and RESOLVED.`,
      };
  }
}
