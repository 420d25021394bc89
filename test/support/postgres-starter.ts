import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const launcher = pathToFileURL(path.resolve(__dirname, '../../scripts/postgres/index.mjs')).href;

// Says where the server is, serves until its input ends, then stops the server it started.
const program = `
  const { startPostgres } = await import(${JSON.stringify(launcher)});
  const postgres = await startPostgres({ dataDir: process.argv[1], durable: process.argv[2] === 'durable' });
  console.log(JSON.stringify({ url: postgres.url, attached: postgres.attached, home: postgres.home }));
  process.stdin.resume().on('end', async () => {
    await postgres.stop();
    process.exit();
  });
`;

/** A process that starts a PostgreSQL on data of its own, and stops it. */
export class PostgresStarter {
  static readonly all: PostgresStarter[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  /** `attached`: the server was running already. `home`: where the data really is. */
  readonly started: Promise<{ url: string; attached: boolean; home: string }>;

  /** A durable one keeps what it has committed when it crashes. */
  constructor(dataDir: string, { durable } = { durable: false }) {
    const options = ['--input-type=module', '--eval', program, dataDir, durable ? 'durable' : 'fast'];
    this.child = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.started = new Promise((resolve, reject) => {
      createInterface(this.child.stdout!).once('line', (line) => resolve(JSON.parse(line)));
      void this.ended.then(() => reject(new Error('The starter ended without having started PostgreSQL.')));
    });
    this.started.catch(() => {});
    PostgresStarter.all.push(this);
  }

  async stop(): Promise<void> {
    this.child.stdin!.end();
    await this.ended;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
