import { ok } from '@redress/domain';
import type { ConnectorRules } from '@redress/domain/integrations';
import { missingSecret, secretRefusal } from '../kit/secret-rules';

/** The settings of a connection to ServiceNow. */
export type ServiceNowSettings = Readonly<{
  /** `https://acme.service-now.com`. */
  instance: string;
  /** Name of the table; `incident` unless given. */
  table?: string;
  /** User name; goes with a password. */
  username?: string;
  /** The sys_id of the group that a queue leads to. */
  assignmentGroups?: Readonly<Record<string, string>>;
  /** The sys_id of the user incidents are reported by. */
  callerId?: string;
  /** Fields that are not sent. */
  omit?: readonly string[];
  /** Further fields of every record, by their names. */
  fields?: Readonly<Record<string, string>>;
  /** States and close codes that return an exception instead of resolving it; `8`, cancelled, unless given. */
  returns?: readonly string[];
}>;

/**
 * The credential of a connection to ServiceNow, one of three: the password of `username`, an OAuth 2.0 token, or an API
 * key.
 */
export type ServiceNowSecrets = Readonly<{ password?: string; token?: string; apiKey?: string }>;

const credentials = ['password', 'token', 'apiKey'] as const satisfies readonly (keyof ServiceNowSecrets)[];

export const serviceNowRules: ConnectorRules<ServiceNowSettings, ServiceNowSecrets> = {
  addressField: 'instance',
  sendsSecrets: true,
  inboundSecret: 'shared',
  /** A password needs a user name; a token or an API key has none. */
  secretsAfter({ settings: { username }, given, kept = {} }) {
    const [credential, another] = credentials.filter((name) => given[name] !== undefined);
    if (another) return secretRefusal(another, `cannot be given beside ${String(credential)}`);
    const secrets = credential ? given : kept;
    const used = credentials.find((name) => secrets[name] !== undefined);
    if (!used) return missingSecret('password', 'instance');
    if (used === 'password' && username === undefined)
      return secretRefusal('username', 'is required beside password');
    if (used !== 'password' && username !== undefined)
      return secretRefusal('username', `belongs to a password, and the connection has the secret ${used}`);
    return ok({ secrets });
  },
};
