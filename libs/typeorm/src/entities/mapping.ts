import { textKey } from '@redress/domain';
import type {
  Adjustment,
  Comment,
  Dispatch,
  DispatchAttempt,
  Dispute,
  Evidence,
  ForcedMatch,
  ReconException,
  SettingVersion,
} from '@redress/domain';
import type {
  ConnectionEvent,
  Delivery,
  DeliveryAttempt,
  InboundMessage,
  StoredConnection,
  WebhookEndpoint,
} from '@redress/domain/integrations';
import type { ListedMessage } from '@redress/domain/integrations';
import { snakeCase } from './columns';
import { columnsOf, typeOf, type Row, type TableName } from './entity-schemas';

/** assignedTo ↔ assigned_to, once per name. */
const snakes = new Map<string, string>();
const camels = new Map<string, string>();

function snake(field: string): string {
  let column = snakes.get(field);
  if (column === undefined) snakes.set(field, (column = snakeCase(field)));
  return column;
}

function camel(column: string): string {
  let field = camels.get(column);
  if (field === undefined)
    camels.set(column, (field = column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())));
  return field;
}

const noMoney = { amount: null, currency: null };

/** A domain object as a row: names in snake case, money as two columns, lists and records as JSON text. */
export function toRow(state: object): Row {
  const row: Row = {};
  for (const [field, value] of Object.entries(state) as [string, unknown][]) {
    if (field === 'amount') Object.assign(row, value ?? noMoney);
    else row[snake(field)] = isJson(value) ? JSON.stringify(value) : value;
  }
  return row;
}

/** Lists and records; bytes are stored as they are. */
const isJson = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value);

/** Adds the fields in which two states of an aggregate differ. */
export function changedFields(before: object, after: object, fields: Set<string>): void {
  const from = before as Record<string, unknown>;
  const to = after as Record<string, unknown>;
  for (const field in to) if (to[field] !== from[field]) fields.add(field);
  for (const field in from) if (!(field in to)) fields.add(field);
}

export const columnsOfField = (field: string): string[] =>
  field === 'amount' ? ['amount', 'currency'] : [snake(field)];

/** One column of what `toRow` makes of a domain object, without making all of it. */
export function cellOf(column: string): (state: object) => unknown {
  if (column === 'amount' || column === 'currency')
    return (state) => (state as Partial<ReconException>).amount?.[column];
  if (column === 'reason_key') return (state) => textKey((state as ReconException).reason);
  const field = camel(column);
  return (state) => {
    const value = (state as Readonly<Record<string, unknown>>)[field];
    return isJson(value) ? JSON.stringify(value) : value;
  };
}

/** A domain object as TypeORM writes it: every column of its table, lists and records as they are. */
export const toEntity = (table: TableName, state: object): Row =>
  Object.fromEntries(
    columnsOf(table)
      .filter((column) => !noFields.has(column))
      .map((column) => {
        const cell = cellOf(column)(state) ?? null;
        return [column, typeof cell === 'string' ? (toColumn[typeOf(table, column)]?.(cell) ?? cell) : cell];
      }),
  );

/** How a text is written to columns of these types. Ciphertexts are base64 text in the domain and bytes in the database. */
const toColumn: Readonly<Record<string, (text: string) => unknown>> = {
  json: (text) => JSON.parse(text) as unknown,
  bytea: (text) => Buffer.from(text, 'base64'),
};

/** Columns that no domain object has as a field, in tables that `toEntity` is used for. */
const noFields = new Set(['history_seq', 'history_head', 'dispute_id']);

/** A row as a domain object: what is null is left out, times are RFC 3339 text, `amount` and `currency` are money. */
function fromRow(row: Row): Record<string, unknown> {
  const state: Record<string, unknown> = {};
  for (const column in row) {
    const value = row[column];
    if (value === null || unseen.has(column)) continue;
    if (column === 'amount') state[column] = { amount: value, currency: row['currency'] };
    else state[camel(column)] = value instanceof Date ? value.toISOString() : value;
  }
  return state;
}

/** Columns that are the store's own business, are selected beside the object's own, or are part of another. */
const unseen = new Set([
  'tenant_id',
  'amount_key',
  'reason_key',
  'history_seq',
  'history_head',
  'active_disputes',
  'live_dispatches',
  'approval_policy',
  'reason_codes',
  'ledger',
  'reply_fingerprint',
  'reply_answer',
  'reply_provisional_until',
  'dispatch',
  'ticket',
  'adjustment',
  'adjustment_amount',
  'reversed_by',
  'carried',
  'currency',
]);

// The database's checks and not-null constraints make each row a whole object; a test compares the two lists of columns.
export const toException = (row: Row): ReconException => fromRow(row) as ReconException;
export const toAdjustment = (row: Row): Adjustment => fromRow(row) as Adjustment;
export const toForcedMatch = (row: Row): ForcedMatch => fromRow(row) as ForcedMatch;
export const toVersion = <Value extends object>(row: Row): SettingVersion<Value> =>
  fromRow(row) as SettingVersion<Value>;
export const toComment = (row: Row): Comment => fromRow(row) as Comment;
export const toConnection = (row: Row): StoredConnection =>
  withCiphertext(row) as unknown as StoredConnection;
/** Digests are hexadecimal text in the domain and bytes in the database. */
export const messageRow = ({ digest, ...message }: InboundMessage): Row => ({
  ...toRow(message),
  digest: Buffer.from(digest, 'hex'),
});
export const toConnectionEvent = (row: Row): ConnectionEvent => fromRow(row) as ConnectionEvent;
export const toEndpoint = (row: Row): WebhookEndpoint => withCiphertext(row) as unknown as WebhookEndpoint;
export const toDelivery = (row: Row): Delivery => fromRow(row) as Delivery;
export const toDeliveryAttempt = ({
  endpoint_id: _endpoint,
  event_id: _event,
  ...row
}: Row): DeliveryAttempt => fromRow(row) as DeliveryAttempt;
export const toMessage = (row: Row): ListedMessage => fromRow(row) as ListedMessage;
export const toDispute = (row: Row, evidence: readonly Row[]): Dispute =>
  ({ ...fromRow(row), evidence: evidence.map(toEvidence) }) as unknown as Dispute;

export const toAttempt = (row: Row): DispatchAttempt => fromRow(row) as DispatchAttempt;
export const toDispatch = (row: Row): Dispatch => fromRow(row) as Dispatch;

const toEvidence = (row: Row): Evidence => fromRow(fromJsonRow('evidence', row)) as Evidence;

/** What arrives as JSON, in which PostgreSQL writes times in its own way. */
export const fromJsonRow = (table: TableName, row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      value !== null && typeOf(table, column) === 'timestamptz' ? new Date(value as string) : value,
    ]),
  );

const withCiphertext = ({ secrets, ...row }: Row): Record<string, unknown> => ({
  ...fromRow(row),
  ...(Buffer.isBuffer(secrets) && { secrets: secrets.toString('base64') }),
});
