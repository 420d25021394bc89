import { freshDatabase, type FreshDatabase } from './database';
import { sendTo, type Send } from './http-client';
import { ownerOf, type Owner } from './owner';
import { startService, stopServices } from './service-process';

/** Two processes of the service on one database. */
export type TwoProcesses = Readonly<{
  database: FreshDatabase;
  owner: Owner;
  /** Sends a request to each process. */
  doors: readonly Send[];
  /** Ends every process that was started, also by a test. */
  close: () => Promise<void>;
}>;

export async function startTwoProcesses(env: NodeJS.ProcessEnv = {}): Promise<TwoProcesses> {
  const database = await freshDatabase();
  const owner = ownerOf(database.url);
  const services = await Promise.all([startService(database.url, env), startService(database.url, env)]);
  return {
    database,
    owner,
    doors: services.map(({ url }) => sendTo(url)),
    close: async () => {
      await stopServices();
      await owner.end();
      await database.drop();
    },
  };
}
