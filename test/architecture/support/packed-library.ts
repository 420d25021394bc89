import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { printed, root, tool } from './command';
import { oncePerRun } from './once-per-run';

export type TemporaryFolder = Readonly<{ path: string; remove: () => void }>;

export function temporaryFolder(): TemporaryFolder {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'redress-package-')));
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A link to a folder. On Windows it is a junction, which needs no special privilege. */
export const linkFolder = (to: string, at: string): void => {
  mkdirSync(path.dirname(at), { recursive: true });
  symlinkSync(to, at, 'junction');
};

type Library = 'domain' | 'formats' | 'connectors' | 'typeorm' | 'nestjs' | 'client';

/**
 * Builds and packs a library as it would be published, once for all test files of a run. Returns the path of the tarball,
 * which is not to be changed.
 */
export const packLibrary = (folder: string, name: Library = 'domain'): Promise<string> =>
  oncePerRun(`packed-${name}`, folder, (place) => buildAndPack(place, name));

/** From a copy: the checkout, which others may be building, stays as it is. */
async function buildAndPack(folder: string, name: Library): Promise<string> {
  const build = path.join(folder, `build-${name}`);
  const library = path.join(build, 'libs', name);
  const copy = (one: string) =>
    cpSync(path.join(root, 'libs', one), path.join(build, 'libs', one), {
      recursive: true,
      filter: (from) => !/[\\/](node_modules|dist|generated)$|\.spec\.ts$|\.tgz$/.test(from),
    });
  copy(name);
  // Adapters read the types of the domain from its sources.
  if (name !== 'domain' && name !== 'client') copy('domain');
  cpSync(path.join(root, 'libs/library.config.ts'), path.join(build, 'libs/library.config.ts'));
  cpSync(path.join(root, 'tsconfig.json'), path.join(build, 'tsconfig.json'));
  linkFolder(path.join(root, 'node_modules'), path.join(build, 'node_modules'));

  if (name === 'client') await printed(process.execPath, ['generate.mjs'], library);
  const built = await tool('tsdown/dist/run.mjs', ['--logLevel', 'warn'], library);
  if (built.code !== 0) throw new Error(`The library does not build:\n${built.output}`);
  return pack(library, folder);
}

/** Packs what is there. */
export async function pack(library: string, folder: string): Promise<string> {
  const options = ['--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(await printed('npm', ['pack', ...options], library)) as [{ filename: string }];
  return path.join(folder, packed.filename);
}

/** Installs tarballs into a folder that has nothing, and can reach no registry. */
export const installOffline = (tarballs: string | readonly string[], folder: string) =>
  printed('npm', ['install', '--offline', '--no-audit', '--no-fund', ...[tarballs].flat()], folder, {
    npm_config_cache: path.join(folder, '.npm'),
    npm_config_registry: 'http://127.0.0.1:9',
  });
