import type { ConnectionTarget } from '@redress/domain/integrations';
import { Connectors, type Connector, type Ledger } from '@redress/connectors';
import type { Answer, Person, TestApp } from './app';
import { deliver, headersOf, jiraEvent, pathOf } from './inbound';

/** An external system that takes everything, answers at once and from here: nothing is sent anywhere. */
const obliging: Connector & Ledger = {
  createTicket: async (correlationId) => ({ outcome: 'created', reference: correlationId }),
  findTicket: async () => ({ outcome: 'none' }),
  addNote: async (_ticket, correlationId) => ({ outcome: 'created', reference: correlationId }),
  findNote: async () => ({ outcome: 'none' }),
  post: async (id) => ({ outcome: 'created', reference: id }),
  test: async () => ({ ok: true, detail: 'Signed in as redress.' }),
};

export function pretendConnections({ app }: TestApp): void {
  jest.spyOn(app.get(Connectors), 'for').mockReturnValue(obliging);
}

const jira = {
  ...{ site: 'https://acme.atlassian.net', email: 'desk@acme.example' },
  ...{ apiToken: 'a-token', project: 'RECON' },
};

/** Connects the person's tenant, or changes its connection, of which it answers what the service does. */
export async function connect(
  person: Person,
  target: ConnectionTarget,
  settings: object,
): Promise<Answer['body']> {
  const put = await person.send('PUT', `/v1/connections/${target}`, { body: settings });
  if (put.status >= 300) throw new Error(put.text);
  return put.body;
}

/** Connects the person's tenant to a Jira; answers the id of the connection. */
export const connectToJira = async (person: Person): Promise<string> =>
  (await connect(person, 'JIRA', jira)).id;

/** Connects it, and has this Jira tell of an issue; answers the id of what it told. */
export async function receiveFromJira(service: TestApp, person: Person): Promise<string> {
  const { id, inboundSecret } = await connect(person, 'JIRA', { ...jira, rotateInboundSecret: true });
  const body = JSON.stringify(jiraEvent({ reference: 'RECON-1', stage: 'done' }));
  const headers = headersOf('JIRA', inboundSecret, body);
  const answer = await deliver(service, { path: pathOf('JIRA', id), headers, body });
  if (answer.status !== 200) throw new Error(answer.text);
  return (await person.get('/v1/inbound-messages?limit=1')).body.items[0].id;
}
