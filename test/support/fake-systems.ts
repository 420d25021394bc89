import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';

/** What can be made to go wrong with a fake system; likelihoods are from 0 to 1. */
export type Faults = Readonly<{
  seed?: number;
  dead?: boolean;
  only?: 'writes' | 'reads';
  rateLimit?: Readonly<{ every: number; retryAfter: number }>;
  lostOnTheWayIn?: number;
  errorBeforeEffect?: number;
  errorAfterEffect?: number;
  lostAnswer?: number;
  lateMs?: number;
  delayMs?: number;
  slowMs?: number;
  indexLagMs?: number;
  createOnly?: boolean;
  blindSearch?: boolean;
  newAccount?: boolean;
  lacking?: readonly string[];
  demanding?: readonly string[];
  uncounted?: boolean;
  pageSize?: number;
}>;

/** A ticket as it is in the fake system, whether or not a search shows it yet. */
export type FakeTicket = Readonly<{
  key: string;
  correlationId: string | null;
  status: string;
  summary: string;
  description: string;
  fields: Readonly<Record<string, unknown>>;
  notes: readonly string[];
}>;

/** What was sent as a webhook, and the status it was answered with. */
export type SentWebhook = Readonly<{
  body: string;
  headers: Readonly<Record<string, string>>;
  status: number;
}>;

export type FakeSystem = Readonly<{
  url: string;
  pid: number;
  /** Replaces what goes wrong; nothing does any more without arguments. */
  faults: (faults?: Faults) => Promise<void>;
  tickets: () => Promise<readonly FakeTicket[]>;
  /** Every request it got, in order. */
  requests: () => Promise<readonly Readonly<{ method: string; url: string; at: number }>[]>;
  /** Where it reports transitions from now on, signed with the secret. */
  webhook: (url: string, secret?: string) => Promise<void>;
  /** Changes the status of a ticket as a user of that system would. */
  transition: (
    ticket: Readonly<{
      key: string;
      status?: string;
      assignee?: string;
      /** Of Jira. */
      resolution?: string;
      /** Of Jira: the issue is moved there. */
      project?: string;
      /** Of ServiceNow. */
      closeCode?: string;
    }>,
  ) => Promise<Partial<SentWebhook>>;
  /** Forgets everything. */
  reset: () => Promise<void>;
  stop: () => Promise<void>;
}>;

const folder = path.resolve(__dirname, '../../examples/fake-systems');

/** Settings that connect to it are `fakeJiraSettings(fake)`. */
export const startFakeJira = (): Promise<FakeSystem> => start('jira.mjs');
export const fakeJiraSettings = ({ url }: FakeSystem) => ({
  site: url,
  email: 'bot@example.com',
  apiToken: 'fake-jira-token',
  project: 'OPS',
});

/** Settings that connect to it are `fakeServiceNowSettings(fake)`. */
export const startFakeServiceNow = (): Promise<FakeSystem> => start('servicenow.mjs');
export const fakeServiceNowSettings = ({ url }: FakeSystem) => ({
  instance: url,
  username: 'redress',
  password: 'fake-servicenow-password',
});

/** A process of its own on a free port, which ends with this one at the latest. */
async function start(program: string): Promise<FakeSystem> {
  const child = fork(path.join(folder, program), { env: { PATH: process.env['PATH'], PORT: '0' } });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await Promise.race([addressOf(child), ended]);
  if (url === undefined) throw new Error(`${program} ended by itself.`);
  const ask = async <T>(method: string, control: string, body?: unknown): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${url}/__${control}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /__${control} was answered ${answer.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return {
    url,
    pid: child.pid!,
    faults: (faults = {}) => ask('POST', 'faults', faults),
    tickets: () => ask('GET', 'tickets'),
    requests: () => ask('GET', 'requests'),
    webhook: (target, secret) => ask('POST', 'webhook', { url: target, secret }),
    transition: (ticket) => ask('POST', 'transition', ticket),
    reset: () => ask('POST', 'reset', {}),
    stop: () => {
      child.kill();
      return ended;
    },
  };
}

const addressOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => child.once('message', (message) => resolve((message as { url: string }).url)));
