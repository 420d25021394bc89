import { member, textOf } from '../kit/json';
import type { JsonValue } from '../../json/strict-json';
import type { Heard, Says } from '../../inbound/inbound-message';
import { lineAt, notesAt, readBody, timeAt, uuidAt, whenSaid } from '../kit/read-message';

/** What a ledger tells of a posting by itself. */
export const readLedger = (body: Buffer): Heard => readBody(body, heard);

function heard(event: JsonValue): Heard {
  const kind = textOf(member(event, 'type')) ?? 'unknown';
  const data = member(event, 'data');
  const id = uuidAt(data, 'id');
  return {
    kind: lineAt(event, 'type') ?? 'unknown',
    // By nothing but its id: what the ledger calls it may be anything, and the same for several.
    marks: id === undefined ? [] : [id],
    ...whenSaid('at', timeAt(event, 'timestamp')),
    says: sayingOf(kind, data),
  };
}

function sayingOf(kind: string, data: unknown): Says {
  if (kind === 'ledger.posted')
    return { what: 'posted', ...whenSaid('reference', lineAt(data, 'reference')) };
  if (kind === 'ledger.refused')
    return { what: 'not_posted', reason: notesAt(data, 'reason') ?? 'It gave no reason.' };
  return { what: 'nothing' };
}
