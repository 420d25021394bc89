import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { freshDatabase } from '../support/database';
import { compiledService, serviceEnvironment, stopServices } from '../support/service-process';

/** What reads the log may be gone, or stop reading, at the moment at which the process ends. */

afterAll(() => stopServices());

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  started.push(child);
  return child;
}

const endsWithin = (child: ChildProcess, ms: number): Promise<boolean> =>
  Promise.race([once(child, 'exit').then(() => true), pause(ms, false, { ref: false })]);

/** A process that logs this many characters at once and ends, when it is told to. */
async function writer(logger: string, characters: number): Promise<ChildProcess> {
  const program = `const log = ${logger};
    process.once('message', () => {
      for (let i = 0; i < ${characters / 1000}; i++) log('x'.repeat(1000));
      setTimeout(() => process.exit(3), 50);
      for (let i = 0; i < 10; i++) setImmediate(() => log('y'.repeat(1000)));
    });
    process.send('ready');`;
  const child = start(['--eval', program], serviceEnvironment(''));
  await once(child, 'message');
  return child;
}

const ours = (): string =>
  `((out) => (line) => out.write(line))(require(${JSON.stringify(
    path.resolve(path.dirname(compiledService()), 'observability/log-output.js'),
  )}).standardOutput())`;
const pinos = `((out) => (line) => out.info(line))(require('pino')())`;

describe('the reader of the log', () => {
  it.each([
    ['is gone', (child: ChildProcess) => child.stdout!.destroy()],
    ['does not read', (child: ChildProcess) => child.stdout!.pause()],
  ])(
    '%s, and the process ends all the same',
    async (_, stop) => {
      const child = await writer(ours(), 1_000_000);
      stop(child);
      child.send('go');
      expect(await endsWithin(child, 10_000)).toBe(true);
      expect(child.exitCode).toBe(3);
    },
    30_000,
  );

  it('gets every line that was written before the end, when it reads', async () => {
    const child = await writer(ours(), 1_000_000);
    let received = 0;
    child.stdout!.on('data', (chunk: Buffer) => (received += chunk.length));
    child.send('go');
    await once(child, 'close');
    expect(received).toBe(1_010_000);
  }, 30_000);

  it('would be waited for by a log that is written out at the end', async () => {
    const child = await writer(pinos, 1_000_000);
    child.stdout!.pause();
    child.send('go');
    expect(await endsWithin(child, 3000)).toBe(false);
  }, 30_000);
});

describe('a service whose parent and reader are killed together', () => {
  it('ends, in the middle of requests', async () => {
    const database = await freshDatabase();
    const env = { ...serviceEnvironment(database.url), LOG_LEVEL: 'trace', SHUTDOWN_GRACE_MS: '2000' };
    const child = start([compiledService()], env);
    const url = await new Promise<string>((resolve) =>
      createInterface(child.stdout!).on('line', (line) => {
        const { msg, address } = JSON.parse(line) as { msg?: string; address?: string };
        if (msg === 'listening' && address !== undefined) resolve(address);
      }),
    );
    let answered = 0;
    const load = Array.from({ length: 20 }, async () => {
      for (;;) {
        const answer = await fetch(`${url}/v1/nothing`).catch(() => undefined);
        if (!answer) return;
        await answer.text();
        answered++;
      }
    });
    while (answered < 100) await pause(20);
    child.stdout!.destroy();
    child.disconnect();
    expect(await endsWithin(child, 15_000)).toBe(true);
    await Promise.all(load);
    await database.drop();
  }, 60_000);
});
