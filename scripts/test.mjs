import { spawn } from 'node:child_process';
import path from 'node:path';
import { countsFile, ensureInstalled, root } from './setup.mjs';

ensureInstalled();

const jest = path.join(root, 'node_modules/jest/bin/jest.js');
const reporters = ['--reporters=default', `--reporters=${path.join(root, 'scripts/run-reporter.cjs')}`];

const run = spawn(process.execPath, [jest, ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, REDRESS_COUNTS_FILE: countsFile('tests') },
});
run.on('exit', (code) => process.exit(code ?? 1));

// Ctrl-C reaches Jest as well, which tidies up; leaving before it has done so would hide its last words.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => run.kill('SIGTERM'));
