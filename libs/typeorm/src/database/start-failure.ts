import { masked } from './redaction';
import { sqlState } from './sql-state';

/** Stops the start. Its message is for the operator: one sentence that says what is wrong and what to do. */
export class StartFailure extends Error {}

/** A database URL and the variable it was read from, for messages. */
export type Login = Readonly<{ url: string; variable: 'DATABASE_URL' | 'MIGRATIONS_DATABASE_URL' }>;

/** The oldest PostgreSQL that the service works with. */
export const oldestPostgres = 14;

/** How long connecting at start may take, name lookup, TLS and authentication included. */
export const startConnectTimeoutMs = 10_000;

/** What the server or the network refused, as a sentence for the operator; it repeats no password. */
export function explainDatabaseFailure(error: unknown, login: Login): StartFailure {
  if (error instanceof StartFailure) return error;
  const place = placeOf(login);
  const state = sqlState(error);
  const sentence = state ? refusals[state]?.(place, login) : transportFailure(error, place, login);
  return new StartFailure(
    sentence ?? `The database at ${place.server} could not be used: ${reasonOf(error, login)}.`,
    { cause: error },
  );
}

/** What went wrong, in the words of whatever failed, without the credentials of this login. */
export function reasonOf(error: unknown, login?: Login): string {
  const { message, code } = (error ?? {}) as { message?: string; code?: string };
  const words = masked(message || code || 'unknown reason').replace(/\s+/g, ' ');
  const password = login && placeOf(login).password;
  return (password ? words.replaceAll(password, '***') : words).replace(/\.$/, '');
}

type Place = Readonly<{ server: string; user: string; database: string; password: string }>;

/** The driver also takes these from the query of the URL, and from its own environment variables. */
function placeOf({ url }: Login): Place {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const env = process.env;
  const host = searchParams.get('host') || decodeURIComponent(hostname) || env['PGHOST'] || 'localhost';
  return {
    server: `${host}:${searchParams.get('port') || port || env['PGPORT'] || '5432'}`,
    user: decodeURIComponent(username) || searchParams.get('user') || env['PGUSER'] || 'the current user',
    database: decodeURIComponent(pathname.slice(1)) || env['PGDATABASE'] || decodeURIComponent(username),
    password: decodeURIComponent(password) || searchParams.get('password') || '',
  };
}

const wrongPassword = ({ server, user }: Place, { variable }: Login): string =>
  `The database at ${server} refused the user name or password of "${user}": correct them in ${variable}.`;

/** By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const refusals: Readonly<Record<string, (place: Place, login: Login) => string>> = {
  '28P01': wrongPassword,
  '28000': ({ server, user }, { variable }) =>
    `The database at ${server} does not let "${user}" in: it knows no such login, or its pg_hba.conf has no entry for this host, database and encryption; allow the login, or correct ${variable} (?sslmode=verify-full encrypts).`,
  '3D000': ({ server, database }, { variable }) =>
    `The server at ${server} has no database "${database}": create it, or correct ${variable}.`,
  '53300': ({ server, user }) =>
    `The database at ${server} has no connection left for "${user}": raise max_connections or the limit of the login, or lower DATABASE_POOL and WORKERS of the processes that use it.`,
  '57P03': ({ server }) =>
    `The database at ${server} is starting up or shutting down: start again when it accepts connections.`,
  '42501': ({ user, database }, { variable }) =>
    `The login "${user}" of ${variable} lacks rights in the database "${database}": give it those that docs/production.md lists.`,
  '25006': ({ server }, { variable }) =>
    `The database at ${server} is read-only: point ${variable} at the primary server, or turn default_transaction_read_only off.`,
};

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** What has no SQLSTATE comes from Node or from the driver. */
function transportFailure(error: unknown, { server, user }: Place, { variable }: Login): string | undefined {
  const { code = '', message = '' } = firstOf(error);
  if (code === 'ECONNREFUSED')
    return `Nothing listens at ${server}: start the database, or correct host and port in ${variable}.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The host of ${server} is unknown: correct ${variable}, or look after name resolution.`;
  if (/timeout|timed out/i.test(message) || code === 'ETIMEDOUT')
    return `The database at ${server} did not answer in time: look whether a PostgreSQL runs there and answers, and whether a firewall is in between.`;
  if (/does not support SSL/.test(message))
    return `The database at ${server} does not encrypt, as ${variable} demands: turn TLS on there, or say ?sslmode=disable where the network is trusted.`;
  if (certificateCodes.test(code))
    return `The TLS certificate of ${server} is not trusted (${code}): correct the host, or name its authority with ?sslrootcert= in ${variable}.`;
  if (/client password must be/.test(message))
    return `The database at ${server} asks for a password of "${user}": add it to ${variable}.`;
  if (/EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE/.test(code) || /connection terminated/i.test(message))
    return `The connection to the database at ${server} cannot be made or broke: look whether a PostgreSQL runs there, and whether a firewall or proxy is in between.`;
  return undefined;
}

/** A host with several addresses fails with one error for each. */
function firstOf(error: unknown): { code?: string; message?: string } {
  const [first = error] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return first ?? {};
}
