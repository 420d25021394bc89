import type { Config } from '../config/config';
import type { ConnectionSettings, ConnectorSecrets, TicketTarget } from '@redress/domain/integrations';
import { fixedConnection, type OpenConnection } from '@redress/connectors';

/** The connections that the environment defines, all for one tenant. Which variables belong together is checked with them. */
export function environmentConnections(config: Config): readonly OpenConnection[] {
  const { connectionsTenant: tenant } = config;
  if (tenant === undefined) return [];
  const connection = (
    target: TicketTarget,
    settings: ConnectionSettings,
    secrets: ConnectorSecrets,
    inboundSecret?: string,
  ) => fixedConnection(tenant, target, { settings, secrets, inboundSecret });
  const found: OpenConnection[] = [];
  const { jiraSite: site, jiraEmail: email, jiraApiToken: apiToken, jiraProject: project } = config;
  if (site && email && apiToken && project) {
    const { jiraIssueType: issueType } = config;
    const settings = { site, email, project, ...(issueType && { issueType }) };
    found.push(connection('JIRA', settings, { apiToken }, config.jiraInboundSecret));
  }
  const { serviceNowInstance: instance, serviceNowUsername: username, serviceNowPassword: password } = config;
  if (instance && username && password)
    found.push(
      connection('SERVICENOW', { instance, username }, { password }, config.serviceNowInboundSecret),
    );
  const { webhookUrl: url, webhookSecret: secret } = config;
  if (url && secret)
    found.push(connection('WEBHOOK', { url }, { secrets: [secret] }, config.webhookInboundSecret));
  return found;
}
