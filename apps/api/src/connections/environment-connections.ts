import { createHash } from 'node:crypto';
import type { Config } from '../config/config';
import type { ConnectionSettings, ConnectionTarget, ConnectorSecrets } from '@redress/domain/integrations';
import { OpenConnection } from '@redress/connectors';

/** The connections that the environment defines, all for one tenant. Which variables belong together is checked with them. */
export function environmentConnections(config: Config): readonly OpenConnection[] {
  const { connectionsTenant: tenant } = config;
  if (tenant === undefined) return [];
  const connection = (
    target: ConnectionTarget,
    settings: ConnectionSettings,
    secrets: ConnectorSecrets,
    inbound?: string,
  ) =>
    new OpenConnection(
      { id: idOf(tenant, target), tenant, target },
      settings,
      secrets,
      inbound ? [inbound] : [],
    );
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

/** Always the same for a tenant and target, since it is part of the address that the other side calls. A UUIDv8. */
function idOf(tenant: string, target: ConnectionTarget): string {
  const bytes = createHash('sha256')
    .update(`redress connection\n${tenant}\n${target}`)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
