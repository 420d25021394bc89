import type { OpenConnection, ServiceNowSecrets } from '../connections/connection';
import { Connectors } from '../connections/connectors';
import type { Connector } from './connector';
import type { Egress } from './egress';
import { JiraConnector } from './jira';
import { ServiceNowConnector, type ServiceNowCredentials } from './servicenow';
import { WebhookConnector } from './webhook';

/** The connectors there are, all of which go out by the one way. */
export class OutboundConnectors extends Connectors {
  constructor(private readonly egress: Egress) {
    super();
  }

  for(connection: OpenConnection): Connector {
    const { target, settings, secrets } = connection;
    switch (target) {
      case 'JIRA':
        return new JiraConnector({ ...settings, ...secrets }, this.egress);
      case 'SERVICENOW': {
        const { username, ...others } = settings;
        return new ServiceNowConnector({ ...others, ...credentials(username, secrets) }, this.egress);
      }
      case 'WEBHOOK':
        return new WebhookConnector({ ...settings, ...secrets }, this.egress);
    }
  }

  refusal(url: URL): string | undefined {
    return this.egress.refusal(url);
  }
}

/** A connection has one of them, or it would not have been stored. */
function credentials(
  username: string | undefined,
  { password, token, apiKey }: ServiceNowSecrets,
): ServiceNowCredentials {
  if (token !== undefined) return { token };
  if (apiKey !== undefined) return { apiKey };
  if (username !== undefined && password !== undefined) return { username, password };
  throw new Error('a connection to ServiceNow without credentials');
}
