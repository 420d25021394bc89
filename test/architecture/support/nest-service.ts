import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { HistoryEvent } from '@redress/domain';
import ts from 'typescript';
import { plainEnv, printed, root, tool } from './command';
import { linkFolder, packLibrary } from './packed-library';

type Manifest = Readonly<{ dependencies: Record<string, string>; devDependencies: Record<string, string> }>;

export const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;

/** A version of NestJS, and the folder that has it. */
export type NestVersion = Readonly<{ major: number; modules: string }>;

/** The version that this repository has, and those that `scripts/nest-versions.mjs` has fetched, newest first. */
export function nestVersions(): readonly NestVersion[] {
  const cache = path.join(root, 'node_modules/.cache/redress/nest');
  const modulesOf = (major: string): string => path.join(cache, major, 'node_modules');
  const fetched = (existsSync(cache) ? readdirSync(cache) : []).filter((major) =>
    existsSync(path.join(modulesOf(major), '@nestjs/platform-fastify/package.json')),
  );
  return [
    { major: 12, modules: path.join(root, 'node_modules') },
    ...fetched.map((major) => ({ major: Number(major), modules: modulesOf(major) })),
  ].sort((a, b) => b.major - a.major);
}

const packages = ['domain', 'typeorm', 'connectors', 'nestjs'] as const;

/** The tarballs of the packages that the example names. */
export const packPackages = (folder: string): Promise<readonly string[]> =>
  Promise.all(packages.map((name) => packLibrary(folder, name)));

/**
 * The example as its team would have it: compiled as CommonJS, with the libraries from their tarballs, this version of
 * NestJS, and what else it names.
 */
export async function buildNestService(
  folder: string,
  tarballs: readonly string[],
  { major, modules }: NestVersion,
): Promise<string> {
  const service = path.join(folder, `nest-service-${major}`);
  for (const part of ['src', 'package.json', 'tsconfig.json'])
    cpSync(path.join(root, 'examples/nest-service', part), path.join(service, part), { recursive: true });

  const { dependencies, devDependencies } = manifestOf(service);
  const named = Object.keys({ ...dependencies, ...devDependencies, cockatiel: '', undici: '' });
  for (const name of named.filter((one) => !one.startsWith('@redress/'))) {
    const own = path.join(modules, name);
    const from = existsSync(own) ? own : path.join(root, 'node_modules', name);
    linkFolder(from, path.join(service, 'node_modules', name));
  }
  for (const [i, name] of packages.entries()) {
    const library = path.join(service, 'node_modules/@redress', name);
    mkdirSync(library, { recursive: true });
    await printed('tar', ['-xzf', path.relative(library, tarballs[i]!), '--strip-components=1'], library);
  }

  const compiled = await tool('typescript/bin/tsc', ['-p', 'tsconfig.json'], service);
  if (compiled.code !== 0) throw new Error(`The example does not compile:\n${compiled.output}`);
  return service;
}

/** Turns a built example into one of ES modules. */
export function asEsModules(service: string): void {
  const manifest = manifestOf(service);
  writeFileSync(path.join(service, 'package.json'), JSON.stringify({ ...manifest, type: 'module' }));
  rmSync(path.join(service, 'dist'), { recursive: true });
  mkdirSync(path.join(service, 'dist'));
  for (const file of readdirSync(path.join(service, 'src'))) {
    const { outputText } = ts.transpileModule(readFileSync(path.join(service, 'src', file), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
      },
    });
    writeFileSync(path.join(service, 'dist', file.replace(/\.ts$/, '.js')), outputText);
  }
}

export type Service = Readonly<{ url: string; stop: () => Promise<void> }>;

/** Starts the compiled example on a free port. */
export async function startNestService(service: string, env: NodeJS.ProcessEnv): Promise<Service> {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: service,
    env: { ...plainEnv(), ...env, PORT: '0' },
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

/** A case, its history, or a list of cases. */
export type Answer = Readonly<{
  status: number;
  body: Readonly<{ id: string; items: readonly Readonly<{ id: string }>[] }> & readonly HistoryEvent[];
}>;

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
