import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { newId } from '../../apps/api/src/ids';
import { JobEngine } from '../../libs/typeorm/src/jobs/engine';
import { JobProcess } from '../../libs/typeorm/src/jobs/job-process';
import { appRole } from '../../libs/typeorm/src/database/app-role';
import { openJobPool } from '../../libs/typeorm/src/database/data-source';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { ownerOf, type Owner } from '../support/owner';
import { compiledService, serviceEnvironment } from '../support/service-process';
import { until } from '../support/until';

let database: FreshDatabase;
let owner: Owner;
const children: ChildProcess[] = [];

beforeEach(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
}, 60_000);

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await owner.end();
  await database.drop();
});

const compiled = (file: string) =>
  JSON.stringify(
    path.join(compiledService().replace(/apps\/api\/src\/main\.js$/, ''), 'libs/typeorm/src', file),
  );

/** A process that runs jobs of one task and never ends one. Without a heartbeat it is as one of an earlier version. */
async function worker(task: string, beats: boolean): Promise<{ child: ChildProcess; id: string }> {
  const program = `
    const { JobEngine } = require(${compiled('jobs/engine.js')});
    const { JobProcess } = require(${compiled('jobs/job-process.js')});
    const { openJobPool } = require(${compiled('database/data-source.js')});
    const log = { error: console.error, warn: console.error, debug() {} };
    const pool = openJobPool({ url: ${JSON.stringify(database.url)}, pool: 4, statementTimeoutMs: 10000, role: '${appRole}' });
    const process_ = new JobProcess();
    const tasks = { ${task}: () => { console.log(process_.id); return new Promise(() => {}); } };
    const options = { pool, workers: 2, tasks, cronJobs: {}, patienceMs: 1, log };
    (async () => {
      if (${beats}) await process_.start(pool, log);
      await new JobEngine({ ...options, ...(${beats} && { process: process_ }) }).start();
    })();`;
  const child = spawn(process.execPath, ['--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: serviceEnvironment(database.url),
  });
  children.push(child);
  const [begun] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, id: String(begun).trim() };
}

const schedule = (task: string) =>
  owner.rows(`SELECT FROM graphile_worker.add_job($1, '{"tenant":"acme","id":"x"}', job_key := $1)`, [task]);

it('jobs of a process that was killed begin elsewhere within seconds, and those of a living one do not', async () => {
  await Promise.all(['killed', 'silent', 'living'].map(schedule));
  const [killed, silent] = await Promise.all([
    worker('killed', true),
    worker('silent', false),
    worker('living', true),
  ]);
  const held = newId();
  await owner.rows(`SELECT redress_set_endpoint_job('acme', $1, now() + interval '1 hour', $2)`, [
    held,
    killed.id,
  ]);
  const ran: string[] = [];
  const pool = openJobPool({ url: database.url, pool: 4, statementTimeoutMs: 10_000, role: appRole });
  const log = { error: () => undefined, warn: () => undefined, debug: () => undefined };
  const survivor = new JobProcess();
  await survivor.start(pool, log);
  const take = (task: string) => async () => void ran.push(task);
  const tasks = Object.fromEntries(
    ['killed', 'silent', 'living', 'deliver'].map((task) => [task, take(task)]),
  );
  const engine = new JobEngine({
    pool,
    process: survivor,
    workers: 2,
    tasks,
    cronJobs: {},
    patienceMs: 1,
    log,
  });
  await engine.start();
  await until(() => survivor.alive === 3, 5000);
  killed.child.kill('SIGKILL');
  silent.child.kill('SIGKILL');
  await until(() => ['deliver', 'killed'].every((task) => ran.includes(task)), 30_000);
  // The negative control: without its heartbeat a killed process is not known to be dead.
  expect(ran.sort()).toEqual(['deliver', 'killed']);
  expect(survivor.alive).toBe(2);
  await engine.stop();
  survivor.stop();
}, 60_000);
