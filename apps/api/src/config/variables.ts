import { defaultPolicy } from '@redress/domain';
import {
  dueHours,
  flag,
  hostName,
  integer,
  jwksUrl,
  oneOf,
  postgresUrl,
  proxies,
  secret,
  severityRules,
  text,
  type Parser,
} from './parsers';

export interface Variable<T> {
  readonly name: string;
  readonly description: string;
  readonly parser: Parser<T>;
  readonly required?: true;
  /** Text that is parsed when the variable is not set. */
  readonly default?: string;
  /** What happens, in words, when the variable is not set and has no default. */
  readonly otherwise?: string;
}

const withDefault = <T>(
  name: string,
  fallback: string,
  parser: Parser<T>,
  description: string,
): Variable<T> => ({
  name,
  description,
  parser,
  default: fallback,
});
const required = <T>(name: string, parser: Parser<T>, description: string): Variable<T> => ({
  name,
  description,
  parser,
  required: true,
});
const optional = <T>(
  name: string,
  otherwise: string,
  parser: Parser<T>,
  description: string,
): Variable<T | undefined> => ({ name, description, parser, otherwise });

/** Every variable there is. Parsing, messages and docs/configuration.md are all made from this table. */
export const variables = {
  port: withDefault('PORT', '3000', integer(0, 65_535), 'Port to listen on; 0 takes any free one.'),
  host: withDefault(
    'HOST',
    '127.0.0.1',
    hostName,
    'Address to listen on; `0.0.0.0` for every interface, as in a container.',
  ),
  environment: withDefault(
    'NODE_ENV',
    'development',
    oneOf('development', 'test', 'production'),
    'In `production`, whatever is convenient but unsafe stops the start.',
  ),
  logLevel: withDefault(
    'LOG_LEVEL',
    'info',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'The least severe log lines to write; `debug` also names tenant and actor of each request.',
  ),
  databaseUrl: required('DATABASE_URL', postgresUrl, 'The database, as the application’s role.'),
  migrationsDatabaseUrl: optional(
    'MIGRATIONS_DATABASE_URL',
    'as `DATABASE_URL`',
    postgresUrl,
    'The database, as the role that owns the tables; used for migrations only.',
  ),
  databasePool: withDefault(
    'DATABASE_POOL',
    '10',
    integer(1, 200),
    'Most database connections this process holds for requests.',
  ),
  dataDir: withDefault('DATA_DIR', '.data', text, 'Folder for what this process keeps on disk.'),
  jwtSecret: optional(
    'JWT_SECRET',
    'generated in development',
    secret,
    'Secret that bearer tokens are signed with (HS256). Excludes `JWT_JWKS_URL`.',
  ),
  jwtJwksUrl: optional(
    'JWT_JWKS_URL',
    'not used',
    jwksUrl,
    'Where the issuer publishes the public keys of its bearer tokens. Excludes `JWT_SECRET`.',
  ),
  jwtIssuer: optional('JWT_ISSUER', 'not checked', text, 'The `iss` that a token must have.'),
  jwtAudience: optional('JWT_AUDIENCE', 'not checked', text, 'The `aud` that a token must have.'),
  cursorSecret: optional(
    'CURSOR_SECRET',
    'derived from `JWT_SECRET`, else generated at each start',
    secret,
    'Secret that page cursors are signed with; the same on every instance.',
  ),
  idempotencyTtlHours: withDefault(
    'IDEMPOTENCY_TTL_HOURS',
    '168',
    integer(1, 8760),
    'How long the answer to a request with an idempotency key is kept for replay.',
  ),
  idempotencyWaitMs: withDefault(
    'IDEMPOTENCY_WAIT_MS',
    '3000',
    integer(0, 60_000),
    'How long a repeated request waits for the first one before it is answered 409; at least a second where that one runs in another process.',
  ),
  bodyLimitBytes: withDefault(
    'BODY_LIMIT_BYTES',
    '1048576',
    integer(1024, 104_857_600),
    'Largest request body; imports are streamed and not limited.',
  ),
  importBatch: withDefault('IMPORT_BATCH', '500', integer(1, 10_000), 'Rows an import writes at once.'),
  statementTimeoutMs: withDefault(
    'STATEMENT_TIMEOUT_MS',
    '10000',
    integer(100, 600_000),
    'When the database gives up on a statement.',
  ),
  shutdownGraceMs: withDefault(
    'SHUTDOWN_GRACE_MS',
    '10000',
    integer(0, 600_000),
    'How long running requests may take to finish when the process is told to stop.',
  ),
  trustProxy: withDefault(
    'TRUST_PROXY',
    'false',
    proxies,
    'Whose `X-Forwarded-*` headers to believe. `true` believes everybody: only behind a proxy that sets them.',
  ),
  disputeBlocksResolving: withDefault(
    'DISPUTE_BLOCKS_RESOLVING',
    'false',
    flag('true', 'false'),
    'Refuse to resolve an exception while one of its disputes is active.',
  ),
  severityRules: withDefault(
    'SEVERITY_RULES',
    JSON.stringify(defaultPolicy.severityRules),
    severityRules,
    'Severity of an exception raised without one: the first rule whose amount or age is reached, else `LOW`.',
  ),
  dueHours: withDefault(
    'DUE_HOURS',
    JSON.stringify(defaultPolicy.dueHours),
    dueHours,
    'Hours from raising an exception to its due date, when none is given.',
  ),
  metrics: withDefault('METRICS', 'on', flag('on', 'off'), 'Whether `GET /metrics` is served.'),
  demo: withDefault(
    'DEMO',
    '0',
    flag('1', '0'),
    'Set by `npm start`: print a token to try the API with. Ignored in production.',
  ),
};
