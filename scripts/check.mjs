import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { lockfileDefects } from './lockfile-check.mjs';
import { countsFile, ensureClientTypes, ensureInstalled, root } from './setup.mjs';

const libraries = ['libs/domain', 'libs/connectors', 'libs/typeorm', 'libs/client', 'apps/api'].map(
  (folder) => path.join(root, folder),
);

const steps = [
  { name: 'format', run: () => tool('prettier', '--check', '.') },
  { name: 'lint', run: () => tool('eslint', '.') },
  { name: 'words', run: () => npmScript('words') },
  { name: 'types', run: () => npmScript('types') },
  { name: 'architecture', run: () => npmScript('arch') },
  { name: 'lockfile', run: checkLockfile },
  { name: 'package', run: () => npmScript('package') },
  { name: 'publint', run: () => inLibraries('publint', '--strict') },
  { name: 'attw', run: () => inLibraries('attw', '--pack') },
];
if (process.env.REDRESS_TESTS_DONE !== '1') steps.push({ name: 'tests', run: () => npmScript('test') });

ensureInstalled();
ensureClientTypes();
const outcomes = steps.map(runStep);
report(outcomes);

function runStep({ name, run }) {
  console.log(`\n== ${name}`);
  const start = Date.now();
  const passed = run();
  return { name, passed, seconds: (Date.now() - start) / 1_000 };
}

function tool(name, ...options) {
  return toolIn(root, name, ...options);
}

function inLibraries(name, ...options) {
  return libraries.every((library) => toolIn(library, name, ...options));
}

function toolIn(cwd, name, ...options) {
  return succeeds(path.join(root, 'node_modules/.bin', name), options, cwd);
}

function npmScript(name) {
  return succeeds('npm', ['run', '--silent', name], root);
}

function succeeds(command, options, cwd) {
  const shell = process.platform === 'win32';
  const { status, error } = spawnSync(command, options, { cwd, shell, stdio: 'inherit' });
  if (error) console.error(error.message);
  return status === 0;
}

function checkLockfile() {
  const defects = lockfileDefects(root);
  for (const defect of defects) console.error(defect);
  return defects.length === 0;
}

function report(outcomes) {
  const failed = outcomes.filter(({ passed }) => !passed).length;
  const passed = outcomes.length - failed;
  console.log();
  for (const { name, passed, seconds } of outcomes) {
    console.log(
      `${name.padEnd(14)}${(passed ? 'passed' : 'FAILED').padEnd(8)}${seconds.toFixed(1).padStart(6)} s`,
    );
  }
  console.log(`${passed} of ${outcomes.length} checks passed`);
  writeFileSync(countsFile('check'), JSON.stringify({ passed, failed }));
  process.exitCode = failed === 0 ? 0 : 1;
}
