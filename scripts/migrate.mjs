import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

ensureInstalled();
const program = path.join(path.dirname(ensureBuilt()), 'migrate.js');
const run = spawn(process.execPath, ['--enable-source-maps', program], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => run.kill(signal));
run.on('exit', (code) => process.exit(code ?? 1));
