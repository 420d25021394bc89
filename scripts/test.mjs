import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { countsFile, ensureInstalled, root } from './setup.mjs';

ensureInstalled();

const jest = path.join(root, 'node_modules/jest/bin/jest.js');
const reporters = ['--reporters=default', `--reporters=${path.join(root, 'scripts/run-reporter.cjs')}`];

/** What the test files of this run share. */
const shared = mkdtempSync(path.join(os.tmpdir(), 'redress-run-'));

const run = spawn(process.execPath, [jest, ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, REDRESS_COUNTS_FILE: countsFile('tests'), REDRESS_RUN_FOLDER: shared },
});
run.on('exit', (code) => {
  rmSync(shared, { recursive: true, force: true });
  process.exit(code ?? 1);
});

// Ctrl-C reaches Jest as well, which tidies up; leaving before it has done so would hide its last words.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => run.kill('SIGTERM'));
