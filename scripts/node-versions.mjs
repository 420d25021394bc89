import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startPostgres } from './postgres/index.mjs';
import { ensureBuilt, ensureInstalled, root } from './setup.mjs';

/*
 * Runs the tests of the domain, and the built service, on the oldest version of Node that is supported and on the newest one
 * with long-term support. What cannot be fetched is said and left out.
 */
const VERSIONS = ['20.19.0', '24.22.3'];
const secret = 'a secret of a trial run, of more than 32 bytes';

ensureInstalled();
const platform = process.platform === 'win32' ? 'win' : process.platform;
const program = `node-${platform}-${process.arch}`;
const folderOf = (version) => path.join(root, 'node_modules/.cache/redress/node', version);
const nodeOf = (version) =>
  path.join(
    folderOf(version),
    'node_modules',
    program,
    process.platform === 'win32' ? 'bin/node.exe' : 'bin/node',
  );

VERSIONS.forEach(fetchNode);
const found = VERSIONS.filter((version) => existsSync(nodeOf(version)));
const main = ensureBuilt();
for (const version of found) {
  // On this major version `npm test` runs them.
  if (version.split('.')[0] !== process.versions.node.split('.')[0]) testDomain(version);
  await tryService(version);
}
console.log(
  `The domain's tests and the service run on Node ${found.join(' and ') || 'of this machine alone'}.`,
);

function fetchNode(version) {
  if (existsSync(nodeOf(version))) return;
  mkdirSync(folderOf(version), { recursive: true });
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr, error } = spawnSync(
    'npm',
    ['install', '--prefix', folderOf(version), ...options, `${program}@${version}`],
    { encoding: 'utf8', shell: process.platform === 'win32', timeout: 120_000 },
  );
  if (status !== 0) console.log(`Node ${version} could not be fetched:\n${error?.message ?? stderr}`);
}

function testDomain(version) {
  const jest = path.join(root, 'node_modules/jest/bin/jest.js');
  const options = ['--selectProjects=unit', '--testPathPatterns=libs/domain/', '--silent', '-w', '1'];
  const { status, stdout, stderr } = spawnSync(nodeOf(version), [jest, ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The tests of the domain fail on Node ${version}:\n${stdout}${stderr}`);
}

/** Raises an exception, resolves it and reads what became of it. */
async function tryService(version) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'redress-node-'));
  const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), durable: false });
  const env = {
    PATH: process.env.PATH,
    PORT: '0',
    DATABASE_URL: postgres.url,
    JWT_SECRET: secret,
    NODE_ENV: 'test',
  };
  const service = spawn(nodeOf(version), [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const { url, log } = await listening(service);
    const { mintToken } = createRequire(main)('./auth/demo-token.js');
    const { scopes } = createRequire(main)('./auth/scopes.js');
    const token = mintToken({ secret, tenant: 'acme', actor: 'ana', scopes, expiresInSeconds: 600 });
    const ask = async (at, status, body) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
      const answer = await fetch(url + at, { ...init, signal: AbortSignal.timeout(20_000) });
      const text = await answer.text();
      if (answer.status !== status) throw new Error(`${at}: ${answer.status} ${text}\n${log()}`);
      return JSON.parse(text);
    };
    const transactionId = '019c96a0-10ce-75fc-a273-dc799079a99c';
    const { id } = await ask('/v1/exceptions', 201, {
      transactionId,
      reason: 'FEE',
      amount: '1.50',
      currency: 'EUR',
    });
    await ask(`/v1/exceptions/${id}/resolve`, 200, { resolution: 'Found in the next statement.' });
    const { status, amount } = await ask(`/v1/exceptions/${id}`, 200);
    const { items } = await ask(`/v1/exceptions/${id}/history`, 200);
    const seen = JSON.stringify([status, amount, items.map(({ type }) => type)]);
    if (seen !== '["RESOLVED","1.50",["exception.raised","exception.resolved"]]')
      throw new Error(`On Node ${version} the service answers ${seen}.`);
  } finally {
    service.kill();
    await new Promise((resolve) => (service.exitCode === null ? service.once('exit', resolve) : resolve()));
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The address that the service listens on, and all that it has said. */
function listening(service) {
  let said = '';
  service.stderr.on('data', (text) => (said += text));
  return new Promise((resolve, reject) => {
    createInterface(service.stdout).on('line', (line) => {
      said += `${line}\n`;
      const [, url] = /"address":"([^"]+)"/.exec(line) ?? [];
      if (url !== undefined) resolve({ url, log: () => said });
    });
    const fail = (why) => reject(new Error(`The service ${why}:\n${said}`));
    service.once('exit', () => fail('ended'));
    setTimeout(() => fail('did not start'), 30_000).unref();
  });
}
