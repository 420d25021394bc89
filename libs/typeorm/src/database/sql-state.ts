import { busyStates } from './pool-shares';

/** Why the database does not serve a request now, although the request is right. */
export type OutageReason =
  | 'unreachable'
  | 'read_only'
  | 'too_slow'
  | 'contention'
  | 'out_of_resources'
  | 'tenant_busy'
  | 'heavy_busy'
  | 'pool_busy';

type Consequence = Readonly<{
  /** The session must not serve another request: it is gone, on the wrong server, or in a state not known. */
  drop: boolean;
  /** The request can succeed later. Without it the error is a bug of ours, or broken infrastructure. */
  outage?: OutageReason;
}>;

const unreachable: Consequence = { drop: true, outage: 'unreachable' };
const contention: Consequence = { drop: false, outage: 'contention' };
const dropOnly: Consequence = { drop: true };

/**
 * What each SQLSTATE means for the session and for the request: by code, else by class (its first two characters),
 * as in PostgreSQL's appendix "PostgreSQL Error Codes". A state not listed is a refusal of the statement alone.
 */
const consequences: Readonly<Record<string, Consequence>> = {
  '08': unreachable, // connection_exception
  '0A000': dropOnly, // feature_not_supported: see `isStalePlan`
  '25': dropOnly, // invalid_transaction_state: what the session is in the middle of is not known
  // read_only_sql_transaction: a standby, or a primary that a failover has demoted.
  '25006': { drop: true, outage: 'read_only' },
  '25P03': unreachable, // idle_in_transaction_session_timeout: the server ended the session
  '25P04': { drop: true, outage: 'too_slow' }, // transaction_timeout: the same
  '26000': dropOnly, // invalid_sql_statement_name: a prepared statement is not there
  '28': unreachable, // invalid_authorization_specification: role or password not accepted
  '3D000': unreachable, // no such database
  '40': contention, // transaction_rollback: serialization failure, deadlock
  '40003': unreachable, // statement_completion_unknown
  '42P05': dropOnly, // duplicate_prepared_statement
  '53': { drop: false, outage: 'out_of_resources' }, // disk_full, out_of_memory, a limit of the configuration
  '53300': unreachable, // too_many_connections
  '55000': unreachable, // object_not_in_prerequisite_state: the database accepts no connections
  '55P03': contention, // lock_not_available
  '57': unreachable, // operator_intervention: shutdown, crash, start-up, recovery
  '57014': { drop: false, outage: 'too_slow' }, // query_canceled, by statement_timeout
  '58': { drop: true, outage: 'out_of_resources' }, // system_error: input and output failed
  XX: dropOnly, // internal_error, data_corrupted
  RD001: contention, // raised by our own functions: a row count was missed
  // Of this process: a share of the pool, or of what one row may hold of it, was not free in time.
  [busyStates.tenant]: { drop: false, outage: 'tenant_busy' },
  [busyStates.heavy]: { drop: false, outage: 'heavy_busy' },
  [busyStates.all]: { drop: false, outage: 'pool_busy' },
  RD005: contention,
};

const consequenceOf = (state: string): Consequence | undefined =>
  consequences[state] ?? consequences[state.slice(0, 2)];

/** The SQLSTATE of an error raised by the server, if it is one. Each has a digit, unlike Node's EPIPE. */
export const sqlState = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

/** Another request was changing the same rows for longer than a statement waits. */
export const isHeldUp = (error: unknown): boolean => sqlState(error) === '55P03';

/**
 * A migration changed a table under a prepared statement ("cached plan must not change result type"). The statement was not
 * run, and another session plans it anew. The state alone also stands for what the server cannot do.
 */
export const isStalePlan = (error: unknown): boolean =>
  sqlState(error) === '0A000' && (error as { routine?: unknown }).routine === 'RevalidateCachedQuery';

/** The server refuses to write. Nothing was written, whatever the statement was. */
export const isReadOnly = (error: unknown): boolean => sqlState(error) === '25006';

/** Whether a session that raised this SQLSTATE must be closed. */
export const dropsSession = (state: string): boolean => consequenceOf(state)?.drop ?? false;

/** The server refused the statement and the session is as good as before. */
export function isStatementError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && !dropsSession(state);
}

/** What Node and the driver say without a SQLSTATE when a connection cannot be made, breaks, or gives no answer. */
const socketCodes = /^E(CONN|PIPE|NOTFOUND|TIMEDOUT|HOSTUNREACH|AI_AGAIN|NETUNREACH)/;
const driverMessages =
  /connection terminated|timeout exceeded when trying to connect|not queryable|connection error|after calling end on the pool/i;

/** Why the database cannot serve just now; undefined when the error has another cause. */
export function outageReasonOf(error: unknown): OutageReason | undefined {
  const state = sqlState(error);
  if (state !== undefined) return consequenceOf(state)?.outage;
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  const lost = (typeof code === 'string' && socketCodes.test(code)) || driverMessages.test(message);
  return lost ? 'unreachable' : undefined;
}

/** The database cannot be reached, the connection broke or leads to a server that does not write: a new one may help. */
export function isConnectionError(error: unknown): boolean {
  const reason = outageReasonOf(error);
  return reason === 'unreachable' || reason === 'read_only';
}
