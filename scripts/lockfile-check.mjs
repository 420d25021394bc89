import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * What would make `npm ci` fail, or download from a fixed place, on another machine.
 *
 * @param {string} root the folder of package-lock.json
 * @returns {string[]} one sentence for each defect
 */
export function lockfileDefects(root) {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages).flatMap(([folder, entry]) => [
    ...(entry.resolved?.startsWith('http') ? [`${folder} names the registry it came from.`] : []),
    ...missingOptionals(packages, folder, entry).map(
      (name) => `${folder || 'The root'} lacks its optional ${name}.`,
    ),
  ]);
}

// A lock written where a registry lacks the binaries of other platforms omits them without a word.
function missingOptionals(packages, folder, { optionalDependencies = {} }) {
  const places = (name) => [`node_modules/${name}`, `${folder}/node_modules/${name}`];
  return Object.keys(optionalDependencies).filter((name) => !places(name).some((place) => place in packages));
}
