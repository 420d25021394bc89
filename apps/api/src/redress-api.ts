import 'reflect-metadata';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { databaseDangers, explainDatabaseFailure, StartFailure } from '@redress/typeorm';
import { DataSource } from 'typeorm';
import { createApp } from './app';
import { prepareDatabase } from './storage/database';
import type { Authenticate } from './auth/host.guard';
import { readMountedConfig, type Config } from './config/config';
import { MountedApi } from './mounted-api';
import type { LogStream } from './observability/log-output';

export type RedressApiOptions = Readonly<{
  /** Where the host mounts the API: one or more segments such as `/redress`, of `A-Z a-z 0-9 . _ ~ -`. */
  prefix: string;
  /** Who sends a request. Takes the place of bearer tokens; scopes are checked as they are with tokens. */
  authenticate: Authenticate;
  /**
   * The variables of docs/configuration.md, by their names. `DATABASE_URL` is required unless there is a data source. Those
   * about listening and tokens are not read. The environment of the process is not, either.
   */
  env?: Readonly<Record<string, string | undefined>>;
  /**
   * The host's own PostgreSQL data source, initialized, with `entities` of @redress/typeorm, its database migrated. The host
   * closes it, after the API.
   */
  dataSource?: DataSource;
  /** Where log lines go, a JSON text each; standard output unless given. */
  logs?: LogStream;
}>;

/** The API of a whole desk, as a request handler. */
export interface RedressApi {
  readonly prefix: string;
  /** Answers one request below the prefix, whose body was not read yet. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Answers new requests with 503, waits for running ones and for background jobs within `SHUTDOWN_GRACE_MS`, and closes
   * what it opened.
   */
  close(): Promise<void>;
}

/**
 * Makes the API for a host application, over a database that it migrates first where it opens it by itself. Starts its
 * background jobs. Throws an Error whose message says what to change where an option or the database is not as it must be.
 */
export async function createRedressApi(options: RedressApiOptions): Promise<RedressApi> {
  const { prefix, authenticate, dataSource, logs } = options;
  checkPrefix(prefix);
  if (typeof authenticate !== 'function')
    throw new Error('authenticate must be a function that names the caller.');
  if (dataSource) await checkDataSource(dataSource);
  const { config, warnings } = readEnv(options);
  const { databaseUrl: url } = config;
  if (!dataSource) await prepareDatabase(config);
  const app = await createApp(config, logs, { prefix, authenticate, dataSource }).catch((error: unknown) => {
    throw dataSource ? error : explainDatabaseFailure(error, { url, variable: 'DATABASE_URL' });
  });
  const fastify = app.getHttpAdapter().getInstance();
  try {
    const dangers = await databaseDangers(app.get(DataSource));
    // A data source of its own is for the host to decide on.
    if (dangers.length && config.environment === 'production' && !dataSource)
      throw new StartFailure(dangers.join('\n'));
    for (const warning of [...warnings, ...dangers]) fastify.log.warn(warning);
    await app.init();
    await fastify.ready();
  } catch (error) {
    await app.close();
    throw error;
  }
  return new MountedApi({
    prefix,
    route: (request, response) => fastify.routing(request, response),
    close: () => app.close(),
    warn: (message) => fastify.log.error(message),
    graceMs: config.shutdownGraceMs,
  });
}

function checkPrefix(prefix: string): void {
  if (!/^(\/[\w.~-]+)+$/.test(prefix))
    throw new Error(
      'prefix must be one or more segments such as /redress, of letters, digits and . _ ~ - alone, without a slash at its end.',
    );
}

function readEnv({ env = {}, dataSource }: RedressApiOptions): { config: Config; warnings: string[] } {
  const read = readMountedConfig({ ...(dataSource && { DATABASE_URL: addressOf(dataSource) }), ...env });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read;
}

/** What the config says about a database that the host has opened: where it is, without the login. */
function addressOf({ options }: DataSource): string {
  const { url, host = 'localhost', port = 5432 } = options as { url?: string; host?: string; port?: number };
  return url ?? `postgres://localhost:${port}/?host=${encodeURIComponent(host)}`;
}

async function checkDataSource(dataSource: DataSource): Promise<void> {
  if (dataSource.options.type !== 'postgres')
    throw new Error(`The API works with PostgreSQL, and dataSource is of type ${dataSource.options.type}.`);
  if (!dataSource.isInitialized)
    throw new Error('dataSource is not initialized: await dataSource.initialize() first.');
  const [found] = await dataSource.query<{ table: string | null }[]>(
    `SELECT to_regclass('public.exception')::text AS table`,
  );
  if (!found?.table)
    throw new Error(
      'The database of dataSource has no tables of Redress: migrate it first, with migrate() of @redress/typeorm.',
    );
}
