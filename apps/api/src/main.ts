import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { createApp } from './app';
import { describeConfig, readConfig, type Config } from './config';
import { withDevelopmentSecrets } from './config/secrets';
import { showDemo } from './demo';
import { databaseDangers } from './persistence/app-role';
import { migrate } from './persistence/migrate';
import { DataSource } from 'typeorm';

// Left alone, the heap grows to four times what is in use before it is swept: a long export then holds a hundred
// megabytes of pages that are gone already. Twice is enough; it takes a little more of the processor.
setFlagsFromString('--heap-growing-percent=100');

/** Stops the start with a sentence for whoever started it. */
class CannotStart extends Error {}

async function start(): Promise<void> {
  const read = readConfig(process.env);
  if (!read.ok) throw new CannotStart(read.problems.join('\n'));
  const config = withDevelopmentSecrets(read.config);
  await migrate(config.migrationsDatabaseUrl).catch((error: unknown) => {
    throw new CannotStart(`The database could not be prepared: ${reasonOf(error)}.`);
  });

  const app = await createApp(config);
  const log = app.getHttpAdapter().getInstance().log;
  const dangers = await databaseDangers(app.get(DataSource));
  if (dangers.length && config.environment === 'production') throw new CannotStart(dangers.join('\n'));
  for (const warning of [...read.warnings, ...dangers]) log.warn(warning);

  await app.listen(config.port, config.host).catch((error: unknown) => {
    throw new CannotStart(
      `Cannot listen on ${config.host}:${config.port}: ${reasonOf(error)}. Set PORT to another one.`,
    );
  });
  const address = await app.getUrl();
  log.info({ address, config: describeConfig(config) }, 'listening');
  stopOn(app, config);
  if (config.demo) await showDemo(app, config, address);
}

/** Finishes what is running, within the grace period, when told to stop or when the process that started this one is gone. */
function stopOn(app: Awaited<ReturnType<typeof createApp>>, { shutdownGraceMs }: Config): void {
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

const reasonOf = (error: unknown): string => {
  const { message, code } = error as { message?: string; code?: string };
  return (message || code || 'unknown reason').replace(/\.$/, '');
};

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof CannotStart ? error.message : String((error as Error).stack)}\n`);
  process.exit(1);
});
