import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, root } from './setup.mjs';

/*
 * Fetches the other major versions of NestJS that @redress/nestjs supports, besides the one in package.json. The tests
 * find them; what cannot be fetched is said and left out.
 */
const OTHERS = {
  10: { common: '10.4.22', core: '10.4.22', 'platform-fastify': '10.4.22' },
  11: { common: '11.2.10', core: '11.2.10', 'platform-fastify': '11.2.8' },
};

const cache = path.join(root, 'node_modules/.cache/redress/nest');
const isFetched = (major) =>
  existsSync(path.join(cache, major, 'node_modules/@nestjs/platform-fastify/package.json'));

function fetch(major, versions) {
  if (isFetched(major)) return;
  const folder = path.join(cache, major);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true }));
  const packages = Object.entries(versions).map(([name, version]) => `@nestjs/${name}@${version}`);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const { status, stderr } = spawnSync(
    'npm',
    ['install', ...options, ...packages, 'reflect-metadata@0.2.2', 'rxjs@7.8.2'],
    { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' },
  );
  if (status !== 0) console.error(`NestJS ${major} could not be fetched:\n${stderr}`);
}

ensureInstalled();
for (const [major, versions] of Object.entries(OTHERS)) fetch(major, versions);
const fetched = Object.keys(OTHERS).filter(isFetched);
console.log(`The example of another service runs on NestJS ${[...fetched, 12].join(', ')}.`);
