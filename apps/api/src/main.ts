import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { createApp } from './app';
import { describeConfig, readConfig, type Config } from './config/config';
import { withDevelopmentSecrets } from './config/secrets';
import { showDemo } from './demo';
import { describeError } from './config/redaction';
import { StartFailure, databaseDangers, explainDatabaseFailure, migrate, reasonOf } from '@redress/typeorm';
import { withTimeout } from './with-timeout';
import { DataSource } from 'typeorm';

// Left alone, the heap grows to four times what is in use before it is swept: a long export then holds a hundred
// megabytes of pages that are gone already. Twice is enough; it takes a little more of the processor.
setFlagsFromString('--heap-growing-percent=100');

/** How long the service may take from a migrated database to an open port. */
const openTimeoutMs = 60_000;

async function start(): Promise<void> {
  const read = readConfig(process.env);
  if (!read.ok) throw new StartFailure(read.problems.join('\n'));
  const config = withDevelopmentSecrets(read.config);
  const { databaseUrl, migrationsDatabaseUrl, migrationTimeoutSeconds } = config;
  await migrate(migrationsDatabaseUrl, databaseUrl, migrationTimeoutSeconds * 1000);
  const { app, address } = await withTimeout(openTimeoutMs, open(config, read.warnings), tooLate);
  stopOn(app, config);
  if (config.demo) await showDemo(app, config, address);
}

const tooLate = (): StartFailure =>
  new StartFailure(
    `The service was not ready ${openTimeoutMs / 1000} s after the database was migrated: look whether the database of DATABASE_URL hangs or is overloaded, and start again.`,
  );

/** Why listening fails where the port is not to blame: no such name, no such address here. */
const wrongHost: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL']);

type App = Awaited<ReturnType<typeof createApp>>;

async function open(config: Config, warnings: readonly string[]): Promise<{ app: App; address: string }> {
  const onDatabase = (error: unknown): never => {
    throw explainDatabaseFailure(error, { url: config.databaseUrl, variable: 'DATABASE_URL' });
  };
  const app = await createApp(config).catch(onDatabase);
  const log = app.getHttpAdapter().getInstance().log;
  const dangers = await databaseDangers(app.get(DataSource)).catch(onDatabase);
  if (dangers.length && config.environment === 'production') throw new StartFailure(dangers.join('\n'));
  for (const warning of [...warnings, ...dangers]) log.warn(warning);

  await app.listen(config.port, config.host).catch((error: unknown) => {
    const { code = '' } = error as { code?: string };
    const advice = wrongHost.has(code)
      ? 'Set HOST to an address of this machine.'
      : 'Set PORT to another one.';
    throw new StartFailure(`Cannot listen on ${config.host}:${config.port}: ${reasonOf(error)}. ${advice}`);
  });
  const address = await app.getUrl();
  log.info({ address, config: describeConfig(config) }, 'listening');
  return { app, address };
}

/** Graceful shutdown: finishes running requests within the grace period, on a signal or when the parent process is gone. */
function stopOn(app: App, { shutdownGraceMs }: Config): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), shutdownGraceMs).unref();
    void app.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  process.on('disconnect', stop);
}

start().catch((error: unknown) => {
  const sentence =
    error instanceof StartFailure ? error.message : `The service could not start: ${reasonOf(error)}.`;
  const detailed = ['debug', 'trace'].includes(process.env['LOG_LEVEL'] ?? '');
  const cause = error instanceof StartFailure ? error.cause : error;
  const stack = detailed && cause instanceof Error ? `${describeError(cause).stack}\n` : '';
  const end = () => process.exit(1);
  process.stderr.on('error', end).write(`${sentence}\n${stack}`, end);
  // For a reader that does not read.
  setTimeout(end, 2000);
});
