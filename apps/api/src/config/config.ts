import { incompleteConnections } from './connection-variables';
import { isLoopback } from './parsers';
import { withSecretFiles } from './secret-files';
import type { Variable } from './variable';
import { variables } from './variables';

type Values = {
  readonly [K in keyof typeof variables]: (typeof variables)[K] extends Variable<infer T> ? T : never;
};

/** What the process was started with, one property for each of `variables`. */
export type Config = Values & { readonly migrationsDatabaseUrl: string };

export type ReadConfig = { ok: true; config: Config; warnings: string[] } | { ok: false; problems: string[] };

const table = Object.entries<Variable<unknown>>(variables);

/** Variables about listening and tokens. A host application that mounts the API does both, so they are not read there. */
export const standaloneVariables: ReadonlySet<string> = new Set([
  ...['PORT', 'HOST', 'DEMO', 'DATA_DIR', 'MAX_CONNECTIONS'],
  ...['JWT_SECRET', 'JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_MAX_LIFETIME_SECONDS'],
]);

/** The config of an API that is mounted in a host application: without `standaloneVariables`. */
export function readMountedConfig(env: NodeJS.ProcessEnv): ReadConfig {
  const mounted = Object.entries(env).filter(
    ([name]) => !standaloneVariables.has(name.replace(/_FILE$/, '')),
  );
  return readVariables(Object.fromEntries(mounted), () => []);
}

/**
 * The config, or everything that is wrong with the variables, a sentence each. An empty variable counts as not set.
 * `warnings` are for the log: the process can run, but its operator should know them.
 */
export const readConfig = (env: NodeJS.ProcessEnv): ReadConfig => readVariables(env, tokenContradictions);

type Contradictions = (env: NodeJS.ProcessEnv) => readonly string[];

function readVariables(given: NodeJS.ProcessEnv, contradictionsIn: Contradictions): ReadConfig {
  const { env, problems: fileProblems } = withSecretFiles(given, Object.values(variables));
  if (fileProblems.length) return { ok: false, problems: fileProblems };
  const problems: string[] = [];
  const read = table.map(([key, variable]) => {
    const given = env[variable.name] || variable.default;
    const value = given ? variable.parser.parse(given) : undefined;
    if (value === undefined && (given || variable.required)) problems.push(wrong(variable, given));
    return [key, value] as const;
  });
  const values = Object.fromEntries(read) as Values;
  const production = values.environment === 'production';
  problems.push(...contradictionsIn(env), ...incompleteConnections(env));
  if (production && values.egressAllow?.includesThisMachine) problems.push(tooClose);
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
function tokenContradictions(env: NodeJS.ProcessEnv): string[] {
  const { JWT_SECRET, JWT_JWKS_URL, NODE_ENV } = env;
  const found: string[] = [];
  if (JWT_SECRET && JWT_JWKS_URL) {
    found.push(
      'JWT_SECRET and JWT_JWKS_URL are both set: keep the one your tokens are signed for, unset the other.',
    );
  }
  if (NODE_ENV === 'production' && !JWT_SECRET && !JWT_JWKS_URL) {
    found.push(
      'Neither JWT_SECRET nor JWT_JWKS_URL is set: in production, set one of them to verify tokens with.',
    );
  }
  if (NODE_ENV === 'production' && JWT_JWKS_URL)
    for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE'].filter((name) => !env[name]))
      found.push(
        `${name} is not set: with JWT_JWKS_URL, the tokens that this issuer makes for others would be good here. ` +
          'Set it to what your tokens have, or to * where they have nothing to check.',
      );
  return found;
}

const tooClose =
  'EGRESS_ALLOW names this machine or a link-local network, where clouds keep credentials: ' +
  'in production, requests that customers configure must not get there.';

function cautions(config: Config): string[] {
  const found: string[] = [];
  if ([config.databaseUrl, config.migrationsDatabaseUrl].some(isReachedInTheClear)) {
    found.push(
      'The database is on another host and its URL has no sslmode: data and password may travel unencrypted. ' +
        'Add ?sslmode=verify-full, or ?sslmode=disable where the network is trusted.',
    );
  }
  if (config.egressAllow?.includesUnencrypted) {
    found.push(
      'EGRESS_ALLOW has entries with http://: what is sent there, credentials too, can be read on the way.',
    );
  }
  if (!config.cursorSecret && !config.jwtSecret) {
    found.push(
      'CURSOR_SECRET is not set: page cursors are understood by this process only and end with it. ' +
        'Set the same one on every instance.',
    );
  }
  if (!config.secretsKey) {
    found.push(
      'SECRETS_KEY is not set: connections to external systems cannot be stored. Set the same one on every instance.',
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
