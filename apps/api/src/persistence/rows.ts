import type {
  Adjustment,
  Comment,
  Dispatch,
  DispatchAttempt,
  Dispute,
  Evidence,
  ReconException,
} from '@redress/domain';
import type { ConnectionEvent, StoredConnection } from '../connections/connection';
import type { ListedMessage } from '../inbound/inbound-store';
import { typeOf, type Row, type TableName } from './tables';

/** assignedTo ↔ assigned_to, once per name. */
const snakes = new Map<string, string>();
const camels = new Map<string, string>();

function snake(field: string): string {
  let column = snakes.get(field);
  if (column === undefined)
    snakes.set(field, (column = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
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

/** The columns in which two states of an aggregate differ, as they are in the second. */
export function changedRow(before: object, after: object): Row {
  const from = before as Record<string, unknown>;
  const to = after as Record<string, unknown>;
  const changed: Record<string, unknown> = {};
  for (const field of Object.keys(to)) if (to[field] !== from[field]) changed[field] = to[field];
  for (const field of Object.keys(from)) if (!(field in to)) changed[field] = null;
  return toRow(changed);
}

/** One column of what `toRow` makes of a domain object, without making all of it. */
export function cellOf(state: object, column: string): unknown {
  const fields = state as Readonly<Record<string, unknown>>;
  if (column === 'amount' || column === 'currency')
    return (fields['amount'] as Record<string, unknown> | undefined)?.[column];
  const value = fields[camel(column)];
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

/** A row as a domain object: what is null is left out, times are RFC 3339 text, `amount` and `currency` are money. */
function fromRow(row: Row): Record<string, unknown> {
  const state: Record<string, unknown> = {};
  for (const column of Object.keys(row)) {
    const value = row[column];
    if (value === null || unseen.has(column)) continue;
    state[camel(column)] = value instanceof Date ? value.toISOString() : value;
  }
  const { amount, currency, ...rest } = state;
  return amount === undefined ? state : { ...rest, amount: { amount, currency } };
}

/** Columns that are the store's own business. */
const unseen = new Set(['tenant_id', 'history_seq', 'history_head']);

// The database's checks and not-null constraints make each row a whole object; a test compares the two lists of columns.
export const toException = (row: Row): ReconException => fromRow(row) as ReconException;
export const toAdjustment = (row: Row): Adjustment => fromRow(row) as Adjustment;
export const toComment = (row: Row): Comment => fromRow(row) as Comment;
export const toConnection = (row: Row): StoredConnection => fromRow(row) as StoredConnection;
export const toConnectionEvent = (row: Row): ConnectionEvent => fromRow(row) as ConnectionEvent;
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
