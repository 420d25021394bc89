import { member, textOf, type JsonReader } from '../kit/json';
import type { ParsedMessage, TicketUpdate } from '@redress/domain/integrations';
import { lineAt, notesAt, parseJsonMessage, timeAt, uuidAt, whenPresent } from '../kit/read-message';

/** Parses a ledger's answer about a posting that it sends by itself. */
export const parseLedgerMessage = (body: Uint8Array, json: JsonReader): ParsedMessage =>
  parseJsonMessage(body, json, parseEvent);

function parseEvent(event: unknown): ParsedMessage {
  const kind = textOf(member(event, 'type')) ?? 'unknown';
  const data = member(event, 'data');
  const id = uuidAt(data, 'id');
  return {
    kind: lineAt(event, 'type') ?? 'unknown',
    // By nothing but its id: what the ledger calls it may be anything, and the same for several.
    marks: id === undefined ? [] : [id],
    ...whenPresent('at', timeAt(event, 'timestamp')),
    update: updateOf(kind, data),
  };
}

function updateOf(kind: string, data: unknown): TicketUpdate {
  if (kind === 'ledger.posted')
    return { type: 'posted', ...whenPresent('reference', lineAt(data, 'reference')) };
  if (kind === 'ledger.refused')
    return { type: 'not_posted', reason: notesAt(data, 'reason') ?? 'It gave no reason.' };
  return { type: 'nothing' };
}
