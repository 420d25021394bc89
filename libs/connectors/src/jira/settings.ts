import { ok, type Json, type Severity } from '@redress/domain';
import type { ConnectorRules } from '@redress/domain/integrations';
import { missingSecret } from '../kit/secret-rules';

/** The settings of a connection to Jira. */
export type JiraSettings = Readonly<{
  /** `https://acme.atlassian.net`, or `https://api.atlassian.com/ex/jira/{cloudId}` for a token with scopes. */
  site: string;
  /** The account that the API token belongs to. */
  email: string;
  /** Key of the project that gets the issues. */
  project: string;
  /** Name of the issue type; Task unless given. */
  issueType?: string;
  /** Where a queue leads, when not to the project. */
  queues?: Readonly<Record<string, Readonly<{ project?: string; component?: string }>>>;
  /** Names of the site's priorities, where they differ from Jira's own. */
  priorities?: Readonly<Partial<Record<Severity, string>>>;
  /** Fields that are not sent, because the create screen of the project lacks them. */
  omit?: readonly string[];
  /** Further fields of every issue, by their ids, with values as the REST API takes them. Labels are added to the mark. */
  fields?: Readonly<Record<string, Json>>;
  /** Names of the resolutions, or of statuses of the category Done, that return an exception. Replaces the default. */
  returns?: readonly string[];
}>;

/** The secrets of a connection to Jira: an API token of the account. */
export type JiraSecrets = Readonly<{ apiToken: string }>;

export const jiraRules: ConnectorRules<JiraSettings, JiraSecrets> = {
  addressField: 'site',
  sendsSecrets: true,
  inboundSecret: 'shared',
  secretsAfter({ given, kept }) {
    const apiToken = given.apiToken ?? kept?.apiToken;
    return apiToken === undefined ? missingSecret('apiToken', 'site') : ok({ secrets: { apiToken } });
  },
};
