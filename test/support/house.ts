import { freshDatabase, type FreshDatabase } from './database';
import { sendTo, type Send } from './http-client';
import { ownerOf, type Owner } from './owner';
import { startService, stopServices } from './service-process';

/** Two processes of the service on one database. */
export type House = Readonly<{
  database: FreshDatabase;
  owner: Owner;
  /** One into each process. */
  doors: readonly Send[];
  /** Whatever else runs is ended as well. */
  close: () => Promise<void>;
}>;

export async function openHouse(env: NodeJS.ProcessEnv = {}): Promise<House> {
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
