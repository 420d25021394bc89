import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { configProblems } from './config-check.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

const PARENT_CHECK_MS = 1_000;
const SAME_REQUEST_MS = 500;

ensureInstalled();
const main = ensureBuilt();
refuseWrongConfig();
const dataDir = path.resolve(process.env.DATA_DIR ?? '.data');
const hasDatabase = process.env.DATABASE_URL || process.env.DATABASE_URL_FILE;
const database = hasDatabase ? undefined : await startDatabase();
const app = startApp(database && { DATABASE_URL: database.url });

let firstRequest;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stopApp);
if (process.env.npm_lifecycle_event) stopWithParent();
void database?.ended.then(onDatabaseEnd);
app.on('error', (error) => console.error(error.message));
app.on('exit', (code) => void finish(code));

// Before anything is started, so that a mistake leaves nothing behind.
function refuseWrongConfig() {
  const problems = configProblems(main, process.env);
  if (problems.length === 0) return;
  console.error(problems.join('\n'));
  process.exit(1);
}

async function startDatabase() {
  // Only now: the launcher needs an installed package.
  const { startPostgres } = await import('./postgres/index.mjs');
  try {
    const started = await startPostgres({ dataDir: path.join(dataDir, 'postgres') });
    const where = `PostgreSQL on 127.0.0.1:${started.port}, its data in ${started.home}`;
    console.log(started.attached ? `Using the already running ${where}` : `Started ${where}`);
    return started;
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

// The app is in a process group of its own, so that Ctrl-C reaches it once and through us. It ends by itself when
// the ipc channel closes, which also happens when we are killed.
function startApp(ownDatabase) {
  return spawn(process.execPath, ['--enable-source-maps', main], {
    env: { DEMO: '1', ...process.env, ...ownDatabase, DATA_DIR: dataDir },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
  });
}

// One Ctrl-C comes twice, from the terminal and from npm, within moments. A later one is from an impatient person.
function stopApp() {
  if (firstRequest === undefined) {
    firstRequest = Date.now();
    app.kill('SIGTERM');
  } else if (Date.now() - firstRequest > SAME_REQUEST_MS) {
    app.kill('SIGKILL');
  }
}

// npm itself may be killed without a signal to this process. It may run us through a shell, which outlives it.
function stopWithParent() {
  const ancestors = ancestry();
  const check = setInterval(() => {
    if (ancestry() === ancestors) return;
    clearInterval(check);
    stopApp();
  }, PARENT_CHECK_MS);
}

function ancestry() {
  const stat = `/proc/${process.ppid}/stat`;
  const parentOfParent = existsSync(stat) ? readFileSync(stat, 'utf8').split(') ').at(-1).split(' ')[1] : '';
  return `${process.ppid} ${parentOfParent}`;
}

function onDatabaseEnd() {
  if (app.exitCode !== null || app.signalCode !== null) return;
  console.error(`PostgreSQL has ended. Its log is ${path.join(database.home, 'server.log')}.`);
  process.exitCode = 1;
  stopApp();
}

async function finish(code) {
  await database?.stop();
  const wasAsked = firstRequest !== undefined;
  process.exit(process.exitCode ?? (wasAsked ? 0 : (code ?? 1)));
}
