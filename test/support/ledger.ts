import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const program = path.resolve(__dirname, '../../examples/ledger/ledger.mjs');

/** What was booked or refused, as the ledger shows it. */
export type Entry = Readonly<{
  id: string;
  type: string;
  reference?: string;
  refused?: string;
  exceptionId: string;
  amount?: Readonly<{ amount: string; currency: string }>;
  [more: string]: unknown;
}>;

export type LedgerOptions = Readonly<{
  /** What is effective before that is refused. */
  closedUntil?: string;
  /** It answers 202, and says here later what became of it. */
  answers?: Readonly<{ url: string; secret: string; afterMs?: number }>;
}>;

/** The ledger of examples/ledger in a process of its own. What it has decided outlives it. */
export class LedgerProcess {
  readonly secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'redress-ledger-'));
  private child: ChildProcess | undefined;
  private port = '0';

  static async start(options: LedgerOptions = {}): Promise<LedgerProcess> {
    const ledger = new LedgerProcess();
    await ledger.start(options);
    return ledger;
  }

  /** To be allowed as an entry of EGRESS_ALLOW. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The body of `PUT /v1/connections/LEDGER`; by a proxy, perhaps. */
  connection(origin = this.origin): { url: string; secrets: string[] } {
    return { url: `${origin}/postings`, secrets: [this.secret] };
  }

  /** Again, on the same port and with the same book, after it died or was stopped. */
  async start({ closedUntil, answers }: LedgerOptions = {}): Promise<void> {
    const child = spawn(process.execPath, [program], {
      env: {
        PORT: this.port,
        LEDGER_FILE: path.join(this.folder, 'book'),
        LEDGER_SECRET: this.secret,
        ...(closedUntil !== undefined && { CLOSED_UNTIL: closedUntil }),
        ...(answers && { ANSWER_URL: answers.url, ANSWER_SECRET: answers.secret }),
        ...(answers?.afterMs !== undefined && { ANSWER_AFTER_MS: String(answers.afterMs) }),
      },
      // With the channel it ends when this process is gone.
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.child = child;
    const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
    this.port = /:(\d+) /.exec(line)![1]!;
  }

  /** What it has booked, each entry once if all is well. */
  async books(): Promise<Entry[]> {
    return (await this.decided()).filter(({ refused }) => refused === undefined);
  }

  /** With what it has refused. */
  async decided(): Promise<Entry[]> {
    return (await (await fetch(`${this.origin}/entries`)).json()) as Entry[];
  }

  /** As if by a crash. */
  async die(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async stop(): Promise<void> {
    await this.die();
    rmSync(this.folder, { recursive: true });
  }
}
