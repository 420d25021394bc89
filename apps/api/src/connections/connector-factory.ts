import type { Connector, Ledger } from '../connectors/kit/connector';
import type { Egress } from '../connectors/egress/egress';
import { JiraConnector } from '../connectors/jira/jira.connector';
import { LedgerConnector } from '../connectors/ledger/ledger.connector';
import { ServiceNowConnector } from '../connectors/servicenow/servicenow.connector';
import { WebhookConnector } from '../connectors/webhook/webhook.connector';
import type { OpenConnection, OpenConnectionTo, TicketTarget } from './open-connection';
import { Connectors } from './connectors';

/** The connector of each kind, with the settings and secrets of one connection. */
export class ExternalSystems extends Connectors {
  constructor(private readonly egress: Egress) {
    super();
  }

  for(connection: OpenConnectionTo<TicketTarget>): Connector;
  for(connection: OpenConnectionTo<'LEDGER'>): Ledger;
  for(connection: OpenConnection): Connector | Ledger;
  for(connection: OpenConnection): Connector | Ledger {
    switch (connection.target) {
      case 'JIRA':
        return new JiraConnector({ ...connection.settings, ...connection.secrets }, this.egress);
      case 'SERVICENOW':
        return new ServiceNowConnector({ ...connection.settings, ...connection.secrets }, this.egress);
      case 'WEBHOOK':
        return new WebhookConnector({ ...connection.settings, ...connection.secrets }, this.egress);
      case 'LEDGER':
        return new LedgerConnector({ ...connection.settings, ...connection.secrets }, this.egress);
    }
  }

  refusal(url: URL): string | undefined {
    return this.egress.refusal(url);
  }
}
