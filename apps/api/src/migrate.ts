import { StartFailure } from '@redress/typeorm';
import { readConfig } from './config/config';
import { endWithSentence } from './end-with-sentence';
import { migrateDatabase } from './storage/database';

/** `npm run migrate`: migrates the database and ends, for deployments in which the service does not. */
async function run(): Promise<void> {
  const read = readConfig(process.env);
  if (!read.ok) throw new StartFailure(read.problems.join('\n'));
  await migrateDatabase(read.config);
  process.stdout.write('The database is up to date.\n', () => process.exit(0));
}

run().catch(endWithSentence('The database could not be migrated'));
