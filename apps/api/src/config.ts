import { hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { defaultPolicy, severities, type Policy } from '@redress/domain';
import { masked } from './observability/redaction';

/** How the text of a variable becomes a value. */
interface Parser<T> {
  /** What it takes, as the end of "must be …": told when the text is wrong, and printed in the documentation. */
  readonly accepts: string;
  /** Undefined when the text is wrong. */
  parse(text: string): T | undefined;
  /** How a value that may hold a secret is shown. A wrong text of such a variable is never repeated. */
  show?(value: T): string;
}

interface Variable<T> {
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

const integer = (from: number, to: number): Parser<number> => ({
  accepts: `a whole number from ${from} to ${to}`,
  parse: (text) => (/^\d{1,15}$/.test(text) && +text >= from && +text <= to ? +text : undefined),
});

const oneOf = <const T extends string>(...values: readonly T[]): Parser<T> => ({
  accepts: `one of ${values.map((value) => `\`${value}\``).join(', ')}`,
  parse: (text) => values.find((value) => value === text),
});

const flag = (yes: string, no: string): Parser<boolean> => ({
  accepts: `\`${yes}\` or \`${no}\``,
  parse: (text) => (text === yes ? true : text === no ? false : undefined),
});

const text: Parser<string> = { accepts: 'a text', parse: (value) => value };

const hostName: Parser<string> = {
  accepts: 'a host name or an IP address',
  parse: (value) => (isIP(value) || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value) ? value : undefined),
};

const secret: Parser<string> = {
  accepts: 'a secret of at least 32 bytes, such as `openssl rand -base64 48` prints',
  parse: (value) => (Buffer.byteLength(value) >= 32 ? value : undefined),
  show: () => '***',
};

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  return family ? loopback.check(address, family === 4 ? 'ipv4' : 'ipv6') : address === 'localhost';
}

const postgresUrl: Parser<string> = {
  accepts: 'a `postgres://` or `postgresql://` URL, special characters of its password percent-encoded',
  parse(value) {
    try {
      // The driver decodes its parts, and would fail on a lone % with nothing but "URI malformed".
      decodeURIComponent(value);
      return /^postgres(ql)?:$/.test(new URL(value).protocol) ? value : undefined;
    } catch {
      return undefined;
    }
  },
  show: masked,
};

const jwksUrl: Parser<string> = {
  accepts: 'an `https://` URL, or `http://` on this machine',
  parse(value) {
    if (!URL.canParse(value)) return undefined;
    const { protocol, hostname } = new URL(value);
    return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)) ? value : undefined;
  },
  show: masked,
};

const isNetwork = (value: string): boolean => {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (!family || rest.length) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && +bits <= (family === 4 ? 32 : 128));
};

const proxies: Parser<boolean | number | string[]> = {
  accepts:
    '`true`, `false`, the number of proxies in front, or their addresses (CIDR too) separated by commas',
  parse(value) {
    if (value === 'true' || value === 'false') return value === 'true';
    if (/^\d{1,2}$/.test(value)) return +value;
    const networks = value.split(',').map((network) => network.trim());
    return networks.every(isNetwork) ? networks : undefined;
  },
};

const json = <T>(accepts: string, isValid: (value: unknown) => boolean): Parser<T> => ({
  accepts,
  parse(value) {
    try {
      const parsed: unknown = JSON.parse(value);
      return isValid(parsed) ? (parsed as T) : undefined;
    } catch {
      return undefined;
    }
  },
});

type Members = Readonly<Record<string, (value: unknown) => boolean>>;

/** Exactly these members: a misspelt one would otherwise be a rule that silently does not apply. */
const isObjectOf = (value: unknown, members: Members): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === Object.keys(members).length &&
  Object.entries(members).every(([name, isValid]) => isValid((value as Record<string, unknown>)[name]));

const isNumber = (value: unknown): boolean => typeof value === 'number' && value >= 0;
const isSeverity = (value: unknown): boolean => severities.some((severity) => severity === value);
/** Ten years: whatever is due later was meant in another unit. */
const isHours = (value: unknown): boolean => isNumber(value) && Number(value) > 0 && Number(value) <= 87_600;

const severityRules = json<Policy['severityRules']>(
  'a JSON array of `{"severity": "HIGH", "amountFrom": 10000, "ageHoursFrom": 72}`, both numbers at least 0',
  (value) =>
    Array.isArray(value) &&
    value.every((rule) =>
      isObjectOf(rule, { severity: isSeverity, amountFrom: isNumber, ageHoursFrom: isNumber }),
    ),
);

const dueHours = json<Policy['dueHours']>(
  'a JSON object with a number of hours, above 0 and up to 87600, for each of `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`',
  (value) => isObjectOf(value, Object.fromEntries(severities.map((severity) => [severity, isHours]))),
);

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
    'How long a repeated request waits for the first one before it is answered 409.',
  ),
  bodyLimitBytes: withDefault(
    'BODY_LIMIT_BYTES',
    '1048576',
    integer(1024, 104_857_600),
    'Largest request body; imports are streamed and not limited.',
  ),
  importBatch: withDefault('IMPORT_BATCH', '1000', integer(1, 10_000), 'Rows an import writes at once.'),
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

type Values = {
  readonly [K in keyof typeof variables]: (typeof variables)[K] extends Variable<infer T> ? T : never;
};

/** What the process was started with, one property for each of `variables`. */
export type Config = Values & { readonly migrationsDatabaseUrl: string };

export type ReadConfig = { ok: true; config: Config; warnings: string[] } | { ok: false; problems: string[] };

const table = Object.entries<Variable<unknown>>(variables);

/**
 * The config, or everything that is wrong with the variables, a sentence each. An empty variable counts as not set.
 * `warnings` are for the log: the process can run, but somebody should know.
 */
export function readConfig(env: NodeJS.ProcessEnv): ReadConfig {
  const problems: string[] = [];
  const read = table.map(([key, variable]) => {
    const given = env[variable.name] || variable.default;
    const value = given ? variable.parser.parse(given) : undefined;
    if (value === undefined && (given || variable.required)) problems.push(wrong(variable, given));
    return [key, value] as const;
  });
  const values = Object.fromEntries(read) as Values;
  const production = values.environment === 'production';
  problems.push(...contradictions(env, production));
  if (problems.length) return { ok: false, problems };
  const config = {
    ...values,
    migrationsDatabaseUrl: values.migrationsDatabaseUrl ?? values.databaseUrl,
    demo: values.demo && !production,
  };
  return { ok: true, config, warnings: production ? cautions(config) : [] };
}

function wrong({ name, parser }: Variable<unknown>, given: string | undefined): string {
  if (!given) return `${name} is not set: it must be ${parser.accepts}.`;
  const repeated = parser.show
    ? ''
    : `, not ${JSON.stringify(given.length > 60 ? `${given.slice(0, 60)}…` : given)}`;
  return `${name} must be ${parser.accepts}${repeated}.`;
}

/** Looks at what is given, not at what could be read, so that one mistake is not reported twice. */
function contradictions({ JWT_SECRET, JWT_JWKS_URL }: NodeJS.ProcessEnv, production: boolean): string[] {
  const found: string[] = [];
  if (JWT_SECRET && JWT_JWKS_URL) {
    found.push(
      'JWT_SECRET and JWT_JWKS_URL are both set: keep the one your tokens are signed for, unset the other.',
    );
  }
  if (production && !JWT_SECRET && !JWT_JWKS_URL) {
    found.push(
      'Neither JWT_SECRET nor JWT_JWKS_URL is set: in production, set one of them to verify tokens with.',
    );
  }
  return found;
}

function cautions(config: Config): string[] {
  const found: string[] = [];
  if ([config.databaseUrl, config.migrationsDatabaseUrl].some(isReachedInTheClear)) {
    found.push(
      'The database is on another host and its URL has no sslmode: data and password may travel unencrypted. ' +
        'Add ?sslmode=verify-full, or ?sslmode=disable where the network is trusted.',
    );
  }
  if (!config.cursorSecret && !config.jwtSecret) {
    found.push(
      'CURSOR_SECRET is not set: page cursors are understood by this process only and end with it. ' +
        'Set the same one on every instance.',
    );
  }
  return found;
}

function isReachedInTheClear(databaseUrl: string): boolean {
  const { hostname, searchParams } = new URL(databaseUrl);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname);
  const isLocal = host === '' || host.startsWith('/') || isLoopback(host);
  return !isLocal && !searchParams.has('sslmode') && !searchParams.has('ssl');
}

/** For the log: each variable by its name, without secrets. What is not set is left out. */
export const describeConfig = (config: Config): Record<string, unknown> =>
  Object.fromEntries(
    table
      .map(([key, { name, parser }]) => [name, config[key as keyof Config], parser] as const)
      .filter(([, value]) => value !== undefined)
      .map(([name, value, parser]) => [name, parser.show ? parser.show(value) : value]),
  );

/** The config with something to verify tokens with: outside production, a secret of its own where none is given. */
export const withDevelopmentSecret = (config: Config): Config =>
  config.jwtSecret || config.jwtJwksUrl
    ? config
    : { ...config, jwtSecret: developmentSecret(config.dataDir) };

/** A secret for this folder, made once, so that tokens outlive a restart. Readable by its owner only. */
export function developmentSecret(dataDir: string): string {
  const file = join(dataDir, 'jwt-secret');
  if (!existsSync(file)) keepOnce(file, randomBytes(48).toString('base64url'));
  const kept = readFileSync(file, 'utf8').trim();
  if (secret.parse(kept) !== undefined) return kept;
  throw new Error(`${file} is no secret of 32 bytes or more: delete it.`);
}

/** A link never replaces: of two processes that start together, both find the same complete file. */
function keepOnce(file: string, content: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

/** The key for page cursors. Derived, so that one secret can serve two purposes without weakening either. */
export const cursorSecret = ({ cursorSecret: own, jwtSecret }: Config): Buffer =>
  Buffer.from(hkdfSync('sha256', own ?? jwtSecret ?? randomBytes(32), '', 'redress page cursors', 32));
