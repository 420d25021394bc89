import { ok, refuse, type Result } from '@redress/domain';
import { newWebhookSecret } from './standard-webhooks';
import type {
  JiraSecrets,
  ServiceNowSecrets,
  ServiceNowSettings,
  WebhookSecrets,
} from '../../connections/open-connection';

/* Of each target the secrets it has after a change: those given, else those kept, if they are enough. */

const flaw = (field: string, problem: string) => refuse({ code: 'invalid_value', field, problem });

const missing = (field: string, address: string) =>
  flaw(field, `is required for a new connection, and whenever ${address} changes`);

export function jiraSecrets(given: Partial<JiraSecrets>, kept: JiraSecrets | undefined): Result<JiraSecrets> {
  const apiToken = given.apiToken ?? kept?.apiToken;
  return apiToken === undefined ? missing('apiToken', 'site') : ok({ apiToken });
}

const waysIn = ['password', 'token', 'apiKey'] as const satisfies readonly (keyof ServiceNowSecrets)[];

/** A password, which needs a user name, or a token or an API key, which have none. */
export function serviceNowSecrets(
  { username }: ServiceNowSettings,
  given: ServiceNowSecrets,
  kept: ServiceNowSecrets = {},
): Result<ServiceNowSecrets> {
  const [way, another] = waysIn.filter((name) => given[name] !== undefined);
  if (another) return flaw(another, `cannot be given beside ${String(way)}`);
  const secrets = way ? given : kept;
  const used = waysIn.find((name) => secrets[name] !== undefined);
  if (!used) return missing('password', 'instance');
  if (used === 'password' && username === undefined) return flaw('username', 'is required beside password');
  if (used !== 'password' && username !== undefined)
    return flaw('username', `belongs to a password, and the connection has the secret ${used}`);
  return ok(secrets);
}

/** The first ones are made here, unless they are given. */
export const webhookSecrets = (
  given: Partial<WebhookSecrets>,
  kept: WebhookSecrets | undefined,
): WebhookSecrets => ({ secrets: given.secrets ?? kept?.secrets ?? [newWebhookSecret()] });
