// `npm pack` makes a complete package in a fresh clone: builds the package in the current folder, and before it those that it
// is made of where they are not built yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const manifestOf = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const folders = new Map(
  [
    'libs/domain',
    'libs/formats',
    'libs/connectors',
    'libs/typeorm',
    'libs/nestjs',
    'libs/client',
    'apps/api',
  ].map((folder) => [manifestOf(path.join(root, folder)).name, path.join(root, folder)]),
);

function build(folder) {
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifestOf(folder);
  for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies })) {
    const needed = folders.get(name);
    if (needed && !existsSync(path.join(needed, 'dist'))) build(needed);
  }
  // Standard output belongs to `npm pack --json`.
  const { status } = spawnSync('npm', ['run', 'build'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: true,
  });
  if (status !== 0) process.exit(status ?? 1);
}

build(process.cwd());
