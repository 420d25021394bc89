import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What the receiver does with one request. Unless told otherwise it takes it and answers 200 with a reference. */
export type Plan = Readonly<{
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  delayMs?: number;
  /** It answers without having taken the request in. */
  unseen?: true;
  /** It takes the request in and then breaks the connection. */
  cut?: true;
  /** It takes the request in and then ends as if by a crash. */
  die?: true;
}>;

/** A request that was signed, well-formed and taken in; new unless the same id was taken before. */
export type Delivery = Readonly<{
  id: string;
  isNew: boolean;
  reference: string;
  headers: Readonly<Record<string, string>>;
  payload: Readonly<{ type: string; timestamp: string; data: Record<string, unknown> }>;
}>;

/** A receiver of webhooks in a process of its own. What it took in outlives it. */
export class WebhookReceiver {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'redress-receiver-'));
  private readonly file = path.join(this.folder, 'deliveries');
  private child: ChildProcess | undefined;
  private port = 0;

  private constructor(private readonly secrets: readonly string[]) {}

  static async start(...secrets: string[]): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(secrets);
    await receiver.start();
    return receiver;
  }

  get url(): string {
    return `${this.origin}/hooks`;
  }

  /** To be allowed as an entry of EGRESS_ALLOW. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Again, on the same port, after it died. */
  async start(): Promise<void> {
    this.child = fork(path.join(__dirname, 'receive-webhooks.cjs'), [
      this.file,
      String(this.port),
      ...this.secrets,
    ]);
    const [message] = (await once(this.child, 'message')) as [{ port: number }];
    this.port = message.port;
  }

  /** How it behaves towards the next requests, one after the other. */
  async plan(...plans: Plan[]): Promise<void> {
    const planned = once(this.child!, 'message');
    this.child!.send(plans);
    await planned;
  }

  deliveries(): Delivery[] {
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Delivery);
  }

  async died(): Promise<void> {
    if (this.child?.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }

  async stop(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.died();
    rmSync(this.folder, { recursive: true });
  }
}
