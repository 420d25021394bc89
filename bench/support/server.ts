import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { secret } from './setting';

export type Server = Readonly<{
  port: number;
  /** Most memory the process ever held, in MB; undefined where the system does not tell. */
  peakMemory: () => number | undefined;
  /** Memory that the process holds now, in MB. */
  memory: () => number | undefined;
  /** Milliseconds of the processor that it takes while this is done, in all threads. */
  cpuMs: (work: () => Promise<unknown>) => Promise<number>;
  stop: () => Promise<void>;
}>;

/** The login that every measured server works as: it owns nothing, as production demands. */
export const serviceLogin = 'redress_app';

/** Runs a compiled server as a process of its own, all of them with the same settings; `ownerUrl` is for migrations. */
export async function startServer(
  main: string,
  ownerUrl: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Server> {
  const port = await freePort();
  const databaseUrl = new URL(ownerUrl);
  databaseUrl.username = databaseUrl.password = serviceLogin;
  const child = spawn(process.execPath, ['--require', reporter, ...nodeOptions(), main], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      PORT: String(port),
      DATABASE_URL: databaseUrl.href,
      MIGRATIONS_DATABASE_URL: ownerUrl,
      DATABASE_POOL: '10',
      JWT_SECRET: secret,
      SECRETS_KEY: Buffer.from(secret).subarray(0, 32).toString('base64'),
      LOG_LEVEL: 'warn',
      // What is measured is the work, not the limits of one tenant.
      ...Object.fromEntries(['READS', 'COMMANDS', 'EXPORTS'].map((kind) => [`RATE_LIMIT_${kind}`, '0'])),
      TENANT_CONCURRENCY: '0',
      ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await untilListening(child, port);
  return {
    port,
    peakMemory: () => memoryOf(child, 'VmHWM'),
    memory: () => memoryOf(child, 'VmRSS'),
    cpuMs: async (work) => {
      const before = await processorTimeOf(child);
      await work();
      return (await processorTimeOf(child)) - before;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Loaded into every server: tells how much of the processor it has taken. */
const reporter = path.join(__dirname, 'processor-time.js');

/** Such as --cpu-prof, to look into the servers while they are measured. */
const nodeOptions = (): string[] => process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? [];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error('a measured server ended while it started');
    await pause(25);
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

function memoryOf({ pid }: ChildProcess, what: 'VmHWM' | 'VmRSS'): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const status = readFileSync(`/proc/${pid ?? ''}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

/** Milliseconds of the processor that the process has taken so far. */
async function processorTimeOf(child: ChildProcess): Promise<number> {
  const answered = once(child, 'message') as Promise<[number]>;
  child.send('processor time');
  return (await answered)[0];
}
