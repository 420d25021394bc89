import { Connectors } from '../../apps/api/src/connections/connectors';
import type { Connector } from '../../apps/api/src/connectors/connector';
import type { Person, TestApp } from './app';

/** An external system that takes everything, answers at once and from here: nothing is sent anywhere. */
const obliging: Connector = {
  createTicket: async (correlationId) => ({ outcome: 'created', reference: correlationId }),
  findTicket: async () => ({ outcome: 'none' }),
  addNote: async (_ticket, correlationId) => ({ outcome: 'created', reference: correlationId }),
  findNote: async () => ({ outcome: 'none' }),
  test: async () => ({ ok: true, detail: 'Signed in as redress.' }),
};

export function pretendConnections({ app }: TestApp): void {
  jest.spyOn(app.get(Connectors), 'for').mockReturnValue(obliging);
}

/** Connects the person's tenant to a Jira; answers the id of the connection. */
export async function connectToJira(person: Person): Promise<string> {
  const body = {
    ...{ site: 'https://acme.atlassian.net', email: 'desk@acme.example' },
    ...{ apiToken: 'a-token', project: 'RECON' },
  };
  const { status, text, body: made } = await person.send('PUT', '/v1/connections/JIRA', { body });
  if (status >= 300) throw new Error(text);
  return made.id;
}
