import type { Timestamp } from '@redress/domain';
import { newWebhookSecret } from '@redress/connectors';
import { replacedSecret, validSecrets, type SecretOwner, type Vault } from '@redress/domain/integrations';
import type { EndpointSecrets, WebhookEndpoint } from './endpoint';

const placeOf = (tenant: string, id: string): SecretOwner => ({ table: 'webhook_endpoint', tenant, id });

type Sealed = Pick<WebhookEndpoint, 'id'> & Readonly<{ secrets: Buffer }>;

export const newSecrets = (): EndpointSecrets => ({ current: newWebhookSecret() });

export const rotated = ({ current }: EndpointSecrets, now: Timestamp): EndpointSecrets => ({
  current: newWebhookSecret(),
  previous: replacedSecret(current, now),
});

export const sealSecrets = (keys: Vault, tenant: string, id: string, secrets: EndpointSecrets): Buffer =>
  Buffer.from(keys.encrypt(secrets, placeOf(tenant, id)), 'base64');

export const openSecrets = (keys: Vault, tenant: string, { id, secrets }: Sealed): EndpointSecrets =>
  keys.decrypt(secrets.toString('base64'), placeOf(tenant, id)) as EndpointSecrets;

/** Those that sign now. */
export function secretsOf(keys: Vault, tenant: string, endpoint: Sealed, now: Timestamp): readonly string[] {
  const { current, previous } = openSecrets(keys, tenant, endpoint);
  return validSecrets(current, previous, now);
}
