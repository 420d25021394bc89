import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { HistoryEvent } from '@redress/domain';
import { plainEnv, printed, root, tool } from './command';
import { oncePerRun } from './once-per-run';
import { linkFolder, packLibrary } from './packed-library';

type Manifest = Readonly<{ dependencies: Record<string, string>; devDependencies: Record<string, string> }>;

export const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;

/** The example as its team would have it: compiled, with the library from its tarball and what else it names. */
export const buildNestService = (folder: string): Promise<string> =>
  oncePerRun('nest-service', folder, compileExample);

async function compileExample(folder: string): Promise<string> {
  const service = path.join(folder, 'nest-service');
  const tarball = await packLibrary(folder);
  for (const part of ['src', 'package.json', 'tsconfig.json'])
    cpSync(path.join(root, 'examples/nest-service', part), path.join(service, part), { recursive: true });

  const { dependencies, devDependencies } = manifestOf(service);
  const { '@redress/domain': _packed, ...others } = { ...dependencies, ...devDependencies };
  for (const name of Object.keys(others))
    linkFolder(path.join(root, 'node_modules', name), path.join(service, 'node_modules', name));
  const library = path.join(service, 'node_modules/@redress/domain');
  mkdirSync(library, { recursive: true });
  await printed('tar', ['-xzf', path.relative(library, tarball), '--strip-components=1'], library);

  const compiled = await tool('typescript/bin/tsc', ['-p', 'tsconfig.json'], service);
  if (compiled.code !== 0) throw new Error(`The example does not compile:\n${compiled.output}`);
  return service;
}

export type Service = Readonly<{ url: string; stop: () => Promise<void> }>;

/** Starts the compiled example on a free port. */
export async function startNestService(service: string, env: NodeJS.ProcessEnv = {}): Promise<Service> {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: service,
    env: { ...plainEnv(), DATABASE_URL: '', ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const announced = (async () => {
    for await (const line of createInterface(child.stdout)) {
      const url = /http:\/\/\S+/.exec(line)?.[0];
      if (url) return url;
    }
    throw new Error('The example ended before it listened.');
  })();
  const stop = async () => {
    child.kill();
    await gone;
  };
  return { url: await announced, stop };
}

/** A case, or the history of one. */
export type Answer = Readonly<{ status: number; body: Readonly<{ id: string }> & readonly HistoryEvent[] }>;

/** Sends JSON, and tells what came back. */
export async function send(
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  const response = await fetch(url, body === undefined ? { headers } : post);
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}
