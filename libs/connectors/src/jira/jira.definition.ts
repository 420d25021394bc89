import type { ConnectorDefinition } from '../kit/connector-definition';
import { jiraApi, jiraFields } from './api';
import { parseJiraMessage, verifyJiraSignature } from './inbound';
import { JiraConnector } from './jira.connector';
import { jiraRules, type JiraSecrets, type JiraSettings } from './settings';

/** Jira Cloud. */
export const jira: ConnectorDefinition<'JIRA', JiraSettings, JiraSecrets> = {
  api: jiraApi,
  fields: jiraFields,
  rules: jiraRules,
  create: ({ settings, secrets }, { outbound }) => new JiraConnector({ ...settings, ...secrets }, outbound),
  verifySignature: verifyJiraSignature,
  parse: parseJiraMessage,
};
