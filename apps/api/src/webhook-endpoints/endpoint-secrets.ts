import type { Timestamp } from '@redress/domain';
import { replacedSecret, validSecrets } from '@redress/domain/integrations';
import type { Place, SealingKeys } from '../connections/aes-vault';
import { newWebhookSecret } from '../connectors/kit/standard-webhooks';
import type { EndpointSecrets, WebhookEndpoint } from './endpoint';

const placeOf = (tenant: string, id: string): Place => ({ table: 'webhook_endpoint', tenant, id });

type Sealed = Pick<WebhookEndpoint, 'id'> & Readonly<{ secrets: Buffer }>;

export const newSecrets = (): EndpointSecrets => ({ current: newWebhookSecret() });

export const rotated = ({ current }: EndpointSecrets, now: Timestamp): EndpointSecrets => ({
  current: newWebhookSecret(),
  previous: replacedSecret(current, now),
});

export const sealSecrets = (
  keys: SealingKeys,
  tenant: string,
  id: string,
  secrets: EndpointSecrets,
): Buffer => keys.seal(secrets, placeOf(tenant, id));

export const openSecrets = (keys: SealingKeys, tenant: string, { id, secrets }: Sealed): EndpointSecrets =>
  keys.open(secrets, placeOf(tenant, id)) as EndpointSecrets;

/** Those that sign now. */
export function secretsOf(
  keys: SealingKeys,
  tenant: string,
  endpoint: Sealed,
  now: Timestamp,
): readonly string[] {
  const { current, previous } = openSecrets(keys, tenant, endpoint);
  return validSecrets(current, previous, now);
}
