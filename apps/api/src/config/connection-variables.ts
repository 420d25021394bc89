import { connectionUrl, sealingKey, sealingKeys, tenant, text, webhookSecret, type Parser } from './parsers';
import { optional } from './variable';

const hidden: Parser<string> = { ...text, show: () => '***', isSecret: true };
const inbound = (system: string) => `${system}: what its calls to this service are signed with.`;

/** Connections to external systems: what seals those that are stored, and those of a tenant that has the service to itself. */
export const connectionVariables = {
  secretsKey: optional(
    'SECRETS_KEY',
    'generated in development; in production, no connection can be stored',
    sealingKey,
    'What the secrets of connections are sealed with in the database; the same on every instance.',
  ),
  secretsKeysOld: optional(
    'SECRETS_KEYS_OLD',
    'none',
    sealingKeys,
    'Earlier values of `SECRETS_KEY`, with which secrets can still be opened.',
  ),
  connectionsTenant: optional(
    'CONNECTIONS_TENANT',
    'no connections but stored ones',
    tenant,
    'The tenant that the connections below are for. A stored connection of it wins over one from here.',
  ),
  jiraSite: optional(
    'JIRA_SITE',
    'no Jira',
    connectionUrl,
    'Jira: its address, such as `https://acme.atlassian.net`.',
  ),
  jiraEmail: optional('JIRA_EMAIL', 'no Jira', text, 'Jira: whose API token it is.'),
  jiraApiToken: optional('JIRA_API_TOKEN', 'no Jira', hidden, 'Jira: the API token.'),
  jiraProject: optional('JIRA_PROJECT', 'no Jira', text, 'Jira: key of the project that gets the issues.'),
  jiraIssueType: optional('JIRA_ISSUE_TYPE', '`Task`', text, 'Jira: name of the type that issues get.'),
  jiraInboundSecret: optional('JIRA_INBOUND_SECRET', 'no calls are taken', hidden, inbound('Jira')),
  serviceNowInstance: optional(
    'SERVICENOW_INSTANCE',
    'no ServiceNow',
    connectionUrl,
    'ServiceNow: its address, such as `https://acme.service-now.com`.',
  ),
  serviceNowUsername: optional('SERVICENOW_USERNAME', 'no ServiceNow', text, 'ServiceNow: who signs in.'),
  serviceNowPassword: optional(
    'SERVICENOW_PASSWORD',
    'no ServiceNow',
    hidden,
    'ServiceNow: with which password.',
  ),
  serviceNowInboundSecret: optional(
    'SERVICENOW_INBOUND_SECRET',
    'no calls are taken',
    hidden,
    inbound('ServiceNow'),
  ),
  webhookUrl: optional('WEBHOOK_URL', 'no webhook', connectionUrl, 'Webhook: where dispatches are posted.'),
  webhookSecret: optional(
    'WEBHOOK_SECRET',
    'no webhook',
    webhookSecret,
    'Webhook: what they are signed with.',
  ),
  webhookInboundSecret: optional(
    'WEBHOOK_INBOUND_SECRET',
    'no calls are taken',
    webhookSecret,
    inbound('Webhook'),
  ),
};

const needs = {
  Jira: ['JIRA_SITE', 'JIRA_EMAIL', 'JIRA_API_TOKEN', 'JIRA_PROJECT'],
  ServiceNow: ['SERVICENOW_INSTANCE', 'SERVICENOW_USERNAME', 'SERVICENOW_PASSWORD'],
  'a webhook': ['WEBHOOK_URL', 'WEBHOOK_SECRET'],
} as const;
const goesAlong = {
  Jira: ['JIRA_ISSUE_TYPE', 'JIRA_INBOUND_SECRET'],
  ServiceNow: ['SERVICENOW_INBOUND_SECRET'],
  'a webhook': ['WEBHOOK_INBOUND_SECRET'],
} as const satisfies Record<keyof typeof needs, readonly string[]>;

/** What is missing where a connection is given in part. */
export function incompleteConnections(env: NodeJS.ProcessEnv): string[] {
  return (Object.keys(needs) as (keyof typeof needs)[]).flatMap((system) => {
    const given = [...needs[system], ...goesAlong[system]].filter((name) => env[name]);
    const missing = [...needs[system], 'CONNECTIONS_TENANT'].filter((name) => !env[name]);
    if (!given.length || !missing.length) return [];
    return [
      `${given.join(', ')} ${given.length > 1 ? 'are' : 'is'} set, but not ${missing.join(', ')}: ` +
        `set all that a connection to ${system} needs, or none.`,
    ];
  });
}
