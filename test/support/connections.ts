import { Connectors } from '../../apps/api/src/connections/connectors';
import type { Connector } from '../../apps/api/src/connectors/connector';
import type { Person, TestApp } from './app';

/** External systems that answer at once and from here, so that trying a connection sends nothing anywhere. */
export function pretendConnections({ app }: TestApp): void {
  const connector = { test: async () => ({ ok: true, detail: 'Signed in as redress.' }) };
  jest.spyOn(app.get(Connectors), 'for').mockReturnValue(connector as unknown as Connector);
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
