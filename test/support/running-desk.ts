import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../apps/api/src/app';
import { readConfig } from '../../apps/api/src/config/config';
import { prepareDatabase } from '../../apps/api/src/storage/database';
import type { RoleSetup } from './role-setups';
import { serviceEnvironment, startService } from './service-process';

/** A service that was started on a database as its main program does. */
export type RunningDesk = Readonly<{ url: string; stop: () => Promise<unknown> }>;

/** In a process of its own, by its real main program. */
export const inProcess = (setup: RoleSetup, env: NodeJS.ProcessEnv): Promise<RunningDesk> =>
  startService(setup.service, { ...env, ...ownerOf(setup) });

/** In this process, which is quicker. */
export async function inHere(setup: RoleSetup, env: NodeJS.ProcessEnv): Promise<RunningDesk> {
  const read = readConfig({
    ...serviceEnvironment(setup.service),
    ...ownerOf(setup),
    LOG_LEVEL: 'fatal',
    ...env,
  });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  await prepareDatabase(read.config);
  const app = await createApp(read.config);
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), stop: () => app.close() };
}

const ownerOf = ({ owner, service }: RoleSetup): NodeJS.ProcessEnv =>
  owner === service ? {} : { MIGRATIONS_DATABASE_URL: owner };

export type Receiver = Readonly<{ url: string; count: () => number; server: Server }>;

/** An HTTP server that takes whatever it is sent, and counts. */
export async function countingReceiver(): Promise<Receiver> {
  let received = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      received++;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, count: () => received, server };
}
