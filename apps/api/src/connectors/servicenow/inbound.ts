import { momentOf } from '../kit/ticket-status';
import { member } from '../kit/json';
import type { JsonValue } from '../../json/strict-json';
import { isMessageId } from '../kit/verify-signature';
import type { Heard, Says } from '../../inbound/inbound-message';
import { codeAt, lineAt, markIn, notesAt, readBody, whenSaid, withoutTime } from '../kit/read-message';

/** What the script of docs/servicenow.md tells: ServiceNow has no webhooks of its own, so the body is ours. */
export const readServiceNow = (body: Buffer): Heard => readBody(body, heard);

function heard(event: JsonValue): Heard {
  const id = member(event, 'id');
  const kind = lineAt(event, 'type') ?? 'unknown';
  const mark = markIn(member(event, 'correlation_id'));
  const at = momentOf(member(event, 'sys_updated_on'));
  return {
    kind,
    marks: mark === undefined ? [] : [mark],
    ...(isMessageId(id) && { id }),
    ...whenSaid('reference', lineAt(event, 'number')),
    ...whenSaid('at', at),
    says: sayingOf(kind, event, at !== undefined),
  };
}

function sayingOf(kind: string, event: JsonValue, isTimed: boolean): Says {
  if (kind === 'incident.deleted') return { what: 'deleted' };
  if (kind !== 'incident.updated') return { what: 'nothing' };
  return isTimed ? statusOf(event) : withoutTime('sys_updated_on');
}

/** The states of an incident as every instance has them; what an instance adds, its script has to translate. */
function statusOf(event: JsonValue): Says {
  const state = codeAt(event, 'state') ?? 'none';
  const notes = notesAt(event, 'close_notes');
  switch (state) {
    case '1':
      return { what: 'not_begun' };
    case '2':
    case '3':
      return { what: 'taken_up', ...whenSaid('assignee', lineAt(event, 'assigned_to')) };
    case '6':
    case '7':
      return { what: 'done', ...whenSaid('notes', notes) };
    case '8':
      return { what: 'returned', ...whenSaid('notes', notes) };
    default:
      return {
        what: 'unknown_status',
        problem: `The state “${state.slice(0, 40)}” is none of 1, 2, 3, 6, 7 and 8.`,
      };
  }
}
