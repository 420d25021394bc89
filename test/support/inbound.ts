import { createHmac, randomUUID } from 'node:crypto';
import { signWebhook } from '@redress/connectors';
import type { ConnectionTarget } from '@redress/domain/integrations';
import type { Answer, TestApp } from './app';

/** A delivery as it travels. */
export type Delivery = Readonly<{
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
}>;

/** How far a ticket is over there. */
export type Stage = 'not_begun' | 'taken_up' | 'done' | 'returned';

/** What a message tells; `at` is when the ticket changed over there. */
export type Tale = Readonly<{ reference: string; stage: Stage; at?: Date; assignee?: string }>;

const jiraStatuses: Readonly<Record<Stage, readonly [name: string, category: string]>> = {
  not_begun: ['To Do', 'new'],
  taken_up: ['In Progress', 'indeterminate'],
  done: ['Done', 'done'],
  returned: ['Won’t Do', 'done'],
};
const serviceNowStates: Readonly<Record<Stage, string>> = {
  not_begun: '1',
  taken_up: '2',
  done: '6',
  returned: '8',
};
const statuses: Readonly<Record<Stage, string>> = {
  not_begun: 'NEW',
  taken_up: 'ASSIGNED',
  done: 'RESOLVED',
  returned: 'OPEN',
};

/** Each key has an id of its own, which no fake gives. */
const issueId = (key: string): string =>
  String([...key].reduce((id, letter) => (id * 31 + letter.charCodeAt(0)) % 1e9, 7) + 1e9);

/** An event of Jira as an object; `fields` are those of its issue. */
export const jiraEvent = (
  { reference, stage, at = new Date(), assignee }: Tale,
  fields: object = {},
  over: object = {},
): object => ({
  timestamp: at.getTime(),
  webhookEvent: 'jira:issue_updated',
  issue_event_type_name: 'issue_generic',
  user: { accountId: '5b10a2844c20165700ede21g', displayName: 'Mia Krystof' },
  issue: {
    id: issueId(reference),
    key: reference,
    fields: {
      status: { name: jiraStatuses[stage][0], statusCategory: { key: jiraStatuses[stage][1] } },
      assignee: assignee === undefined ? null : { accountId: randomUUID(), displayName: assignee },
      updated: at.toISOString().replace('Z', '+0000'),
      labels: ['finance'],
      ...fields,
    },
  },
  changelog: {
    id: String(at.getTime()),
    items: [{ field: 'status', fromString: 'Somewhere', toString: jiraStatuses[stage][0] }],
  },
  ...over,
});

/** What the script of docs/servicenow.md sends, as an object. */
export const serviceNowEvent = (
  { reference, stage, at = new Date(), assignee = '' }: Tale,
  over: object = {},
): object => ({
  id: randomUUID(),
  type: 'incident.updated',
  number: reference,
  state: serviceNowStates[stage],
  assigned_to: assignee,
  close_notes: stage === 'done' ? 'Paid back' : '',
  sys_updated_on: at.toISOString().slice(0, 19).replace('T', ' '),
  ...over,
});

/** A callback of a customer's own system, as an object; `data` are members of it. */
export const webhookEvent = (
  { reference, stage, at = new Date(), assignee }: Tale,
  data: object = {},
  over: object = {},
): object => ({
  type: 'exception.callback',
  timestamp: at.toISOString(),
  data: { externalIssueId: reference, status: statuses[stage], ...(assignee && { assignee }), ...data },
  ...over,
});

/** What the ledger calls the entry for a posting. */
export const entryOf = (id: string): string => `JE-${id.slice(-8)}`;

const ledgerTypes: Readonly<Record<Stage, string>> = {
  not_begun: 'ledger.noted',
  taken_up: 'ledger.noted',
  done: 'ledger.posted',
  returned: 'ledger.refused',
};

/** What a ledger tells of a posting, as an object; the posting goes by its own id. */
export const ledgerEvent = (
  { reference, stage, at = new Date() }: Tale,
  data: object = {},
  over: object = {},
): object => ({
  type: ledgerTypes[stage],
  timestamp: at.toISOString(),
  data: {
    id: reference,
    ...(stage === 'done' && { reference: entryOf(reference) }),
    ...(stage === 'returned' && { reason: 'The period is closed.' }),
    ...data,
  },
  ...over,
});

export const eventOf = (target: ConnectionTarget, tale: Tale): object =>
  ({ JIRA: jiraEvent, SERVICENOW: serviceNowEvent, WEBHOOK: webhookEvent, LEDGER: ledgerEvent })[target](
    tale,
  );

export const hmac = (
  secret: string | Buffer,
  signed: string | Buffer,
  algorithm = 'sha256',
  encoding: 'hex' | 'base64' = 'hex',
): string => createHmac(algorithm, secret).update(signed).digest(encoding);

export const unix = (at: Date): string => String(Math.floor(at.getTime() / 1000));

export const bytes = (body: string | Buffer): Buffer => Buffer.from(body as string);

/** The headers by which the other side proves a body to be its own. */
export function headersOf(
  target: ConnectionTarget,
  secret: string,
  body: string | Buffer,
  { id = randomUUID(), at = new Date() }: Readonly<{ id?: string; at?: Date }> = {},
): Record<string, string> {
  const json = { 'content-type': 'application/json' };
  switch (target) {
    case 'JIRA':
      return {
        ...json,
        'x-hub-signature': `sha256=${hmac(secret, body)}`,
        'x-atlassian-webhook-identifier': id,
      };
    case 'SERVICENOW': {
      const signed = Buffer.concat([bytes(`${unix(at)}.`), bytes(body)]);
      return {
        ...json,
        'x-redress-timestamp': unix(at),
        'x-redress-signature': `sha256=${hmac(secret, signed)}`,
      };
    }
    case 'WEBHOOK':
    case 'LEDGER':
      return { ...json, ...signWebhook([secret], id, at, body) };
  }
}

export const pathOf = (target: ConnectionTarget, connection: string): string =>
  `/v1/inbound/${target.toLowerCase()}/${connection}`;

export const deliver = ({ send }: TestApp, { path, headers, body }: Delivery): Promise<Answer> =>
  send('POST', path, { headers: { ...headers }, raw: body });
