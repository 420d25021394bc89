import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { sealingKey, secret, withoutRates } from './app';
import tsconfig from '../../tsconfig.json';
import { process as transform } from './jest-transformer.cjs';

const root = path.resolve(__dirname, '../..');
/** The packages of this repository: name → its entry point. */
const paths: Record<string, string[]> = tsconfig.compilerOptions.paths;
/** What the service is compiled from: its own sources, and those of every package. */
const sources = [
  'apps/api/src',
  ...new Set(Object.values(paths).map(([entry]) => entry!.replace(/^\.\/|(?<=\/src)\/.*$/g, ''))),
];

let compiled: string | undefined;

/** The service as it would be built, in a temporary folder: compiled by the first who asks in this test file. */
export function compiledService(): string {
  if (compiled) return path.join(compiled, 'apps/api/src/main.js');
  const folder = (compiled = mkdtempSync(path.join(tmpdir(), 'redress-service-')));
  for (const file of sources.flatMap(sourceFiles)) {
    const target = path.join(folder, file.replace(/\.ts$/, '.js'));
    mkdirSync(path.dirname(target), { recursive: true });
    const filename = path.join(root, file);
    writeFileSync(target, transform(readFileSync(filename, 'utf8'), filename).code);
  }
  for (const [name, [source]] of Object.entries(paths)) {
    const target = path.join(folder, 'node_modules', name, 'index.js');
    mkdirSync(path.dirname(target), { recursive: true });
    const compiledSource = path.join(folder, source!.replace(/\.ts$/, '.js'));
    writeFileSync(target, `module.exports = require(${JSON.stringify(compiledSource)});`);
  }
  return compiledService();
}

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourceFiles(file);
    return /\.ts$/.test(file) && !/\.spec\.ts$/.test(file) ? [file] : [];
  });
}

/** What a process needs to be the service on this database. */
export const serviceEnvironment = (databaseUrl: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  NODE_ENV: 'test',
  // The compiled files lie outside the repository, the packages inside.
  NODE_PATH: path.join(root, 'node_modules'),
  PORT: '0',
  DATABASE_URL: databaseUrl,
  JWT_SECRET: secret,
  SECRETS_KEY: sealingKey,
  LOG_LEVEL: 'info',
  WORKERS: '0',
  ...withoutRates,
});

export type RunningService = Readonly<{
  url: string;
  pid: number;
  /** Everything it wrote so far. */
  output: () => string;
  /** Ends it with this signal; answers its exit code, null when the signal ended it. */
  kill: (signal: NodeJS.Signals) => Promise<number | null>;
  /** Ends it as an operator would, and the hard way after the grace period. */
  stop: () => Promise<number | null>;
}>;

/** The resolver of tests, for processes that they start. */
export const noDns = path.join(__dirname, 'no-dns.cjs');

const running = new Set<ChildProcess>();
const startTimeoutMs = 30_000;

/** The real service in a process of its own, listening on a free port. */
export async function startService(
  databaseUrl: string,
  env: NodeJS.ProcessEnv = {},
): Promise<RunningService> {
  const child = spawn(process.execPath, ['--require', noDns, compiledService()], {
    env: { ...serviceEnvironment(databaseUrl), ...env },
    // With the channel it ends by itself when this process is gone.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  void ended.then(() => running.delete(child));
  let output = '';
  child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const address = new Promise<string>((resolve) => {
    createInterface(child.stdout!).on('line', (line) => {
      output += `${line}\n`;
      const { msg, address } = read(line);
      if (msg === 'listening' && address !== undefined) resolve(address);
    });
  });
  const timeout = pause(startTimeoutMs, undefined, { ref: false });
  const url = await Promise.race([address, ended, timeout]);
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  if (typeof url !== 'string') {
    await kill('SIGKILL');
    throw new Error(`The service did not start:\n${output}`);
  }
  return {
    url,
    pid: child.pid!,
    output: () => output,
    kill,
    stop: async () => {
      child.kill('SIGTERM');
      const tooLate = setTimeout(() => child.kill('SIGKILL'), 15_000);
      const code = await ended;
      clearTimeout(tooLate);
      return code;
    },
  };
}

function read(line: string): { msg?: string; address?: string } {
  try {
    return JSON.parse(line) as { msg?: string; address?: string };
  } catch {
    return {};
  }
}

/** Ends whatever is still running and removes what was compiled. */
export async function stopServices(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      return ended;
    }),
  );
  if (compiled) rmSync(compiled, { recursive: true, force: true });
  compiled = undefined;
}
