import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { lockfileDefects } from './lockfile-check.mjs';
import { countsFile, ensureClientTypes, ensureInstalled, root } from './setup.mjs';

const folders = [
  'libs/domain',
  'libs/formats',
  'libs/connectors',
  'libs/typeorm',
  'libs/nestjs',
  'libs/client',
  'apps/api',
];
const libraries = folders.map((folder) => path.join(root, folder));

/** What can be checked at the same time, the longest first. The steps of a row need each other in this order. */
const rows = [
  [{ name: 'lint', run: (print) => tool('eslint', ['.'], print) }],
  [
    // Where the service has to be built for it, the packed libraries are removed.
    { name: 'node versions', run: (print) => nodeScript('node-versions.mjs', print) },
    { name: 'package', run: (print) => npmScript('package', print) },
    { name: 'publint', run: (print) => inLibraries('publint', ['--strict'], print) },
    { name: 'attw', run: (print) => inLibraries('attw', ['--pack'], print) },
  ],
  [{ name: 'types', run: (print) => npmScript('types', print) }],
  [{ name: 'docs', run: (print) => npmScript('docs', print) }],
  [{ name: 'format', run: (print) => tool('prettier', ['--check', '.'], print) }],
  [{ name: 'architecture', run: (print) => npmScript('arch', print) }],
  [{ name: 'words', run: (print) => npmScript('words', print) }],
  [{ name: 'lockfile', run: checkLockfile }],
];

ensureInstalled();
ensureClientTypes();
const outcomes = await runRows();
// By themselves: they use every processor.
if (process.env.REDRESS_TESTS_DONE !== '1')
  outcomes.push(await runStep({ name: 'tests', run: () => npmScript('test') }));
report(outcomes);

/** Runs as many rows at a time as there are processors. What a step prints comes out when the step has ended. */
async function runRows() {
  const waiting = [...rows];
  const outcomes = [];
  const work = async () => {
    for (let row = waiting.shift(); row; row = waiting.shift())
      for (const step of row) {
        const printed = [];
        outcomes.push(await runStep(step, (text) => printed.push(text)));
        process.stdout.write(`\n== ${step.name}\n${printed.join('')}`);
      }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, work));
  return outcomes;
}

async function runStep({ name, run }, print) {
  const start = Date.now();
  const passed = await run(print);
  return { name, passed, seconds: (Date.now() - start) / 1_000 };
}

/** Of the packages as the step `package` has built them: `prepack` would build each one again. */
async function inLibraries(name, options, print) {
  const env = { npm_config_ignore_scripts: 'true' };
  for (const library of libraries) if (!(await tool(name, options, print, library, env))) return false;
  return true;
}

function tool(name, options, print, cwd = root, env = {}) {
  return succeeds(path.join(root, 'node_modules/.bin', name), options, cwd, print, env);
}

function nodeScript(file, print) {
  return succeeds(process.execPath, [path.join(root, 'scripts', file)], root, print);
}

function npmScript(name, print) {
  return succeeds('npm', ['run', '--silent', name], root, print);
}

/** Without `print`, the command has the terminal to itself. */
function succeeds(command, options, cwd, print, more = {}) {
  const stdio = print ? ['ignore', 'pipe', 'pipe'] : 'inherit';
  const env = { ...(process.stdout.isTTY && { FORCE_COLOR: '1' }), ...process.env, ...more };
  const child = spawn(command, options, { cwd, env, stdio, shell: process.platform === 'win32' });
  if (print) for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
}

function checkLockfile(print) {
  const defects = lockfileDefects(root);
  for (const defect of defects) print(`${defect}\n`);
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
