import { momentOf } from '../kit/ticket-status';
import { member, type JsonReader } from '../kit/json';
import { isHmacSha256, isMessageId, toleranceSeconds, type VerifySignature } from '../kit/verify-signature';
import type { ParsedMessage, TicketUpdate } from '@redress/domain/integrations';
import type { ServiceNowSettings } from './settings';
import {
  codeAt,
  isAmong,
  lineAt,
  markIn,
  notesAt,
  parseJsonMessage,
  whenPresent,
  withoutTime,
} from '../kit/read-message';

/** Verifies a signature of the script in docs/servicenow.md: of the time, a dot, and the body. */
export const verifyServiceNowSignature: VerifySignature = (secrets, { headers, body }, now) => {
  const time = headers['x-redress-timestamp'];
  if (typeof time !== 'string' || !/^[1-9]\d{0,11}$/.test(time)) return undefined;
  if (Math.abs(now.getTime() / 1000 - Number(time)) > toleranceSeconds) return undefined;
  return isHmacSha256(secrets, [`${time}.`, body], headers['x-redress-signature']) ? {} : undefined;
};

/** Cancelled. */
export const defaultReturns: readonly string[] = ['8'];

/** Parses what the script of docs/servicenow.md sends: ServiceNow has no webhooks of its own, so the form is ours. */
export const parseServiceNowMessage = (
  body: Uint8Array,
  json: JsonReader,
  { returns = defaultReturns }: Pick<ServiceNowSettings, 'returns'> = {},
): ParsedMessage => parseJsonMessage(body, json, (event) => parseEvent(event, json, returns));

function parseEvent(event: unknown, json: JsonReader, returns: readonly string[]): ParsedMessage {
  const id = member(event, 'id');
  const kind = lineAt(event, 'type') ?? 'unknown';
  const mark = markIn(member(event, 'correlation_id'));
  const at = momentOf(member(event, 'sys_updated_on'));
  return {
    kind,
    marks: mark === undefined ? [] : [mark],
    ...(isMessageId(id) && { id }),
    ...whenPresent('reference', lineAt(event, 'number')),
    ...whenPresent('ticketId', lineAt(event, 'sys_id')?.toLowerCase()),
    ...whenPresent('at', at),
    update: updateOf(kind, event, json, { isTimed: at !== undefined, returns }),
  };
}

function updateOf(
  kind: string,
  event: unknown,
  json: JsonReader,
  { isTimed, returns }: Readonly<{ isTimed: boolean; returns: readonly string[] }>,
): TicketUpdate {
  if (kind === 'incident.deleted') return { type: 'deleted' };
  if (kind !== 'incident.updated') return { type: 'nothing' };
  return isTimed ? statusOf(event, json, returns) : withoutTime('sys_updated_on');
}

/** The states of an incident as every instance has them; what an instance adds, its script has to translate. */
function statusOf(event: unknown, json: JsonReader, returns: readonly string[]): TicketUpdate {
  const state = codeAt(json, event, 'state') ?? 'none';
  const notes = notesAt(event, 'close_notes');
  switch (state) {
    case '1':
      return { type: 'not_begun' };
    case '2':
    case '3':
      return { type: 'taken_up', ...whenPresent('assignee', lineAt(event, 'assigned_to')) };
    case '6':
    case '7':
    case '8': {
      const said = [state, lineAt(event, 'close_code')];
      const isReturned = said.some((one) => one !== undefined && isAmong(returns, one));
      return { type: isReturned ? 'returned' : 'done', ...whenPresent('notes', notes) };
    }
    default:
      return {
        type: 'unknown_status',
        problem: `The state “${state.slice(0, 40)}” is none of 1, 2, 3, 6, 7 and 8.`,
      };
  }
}
