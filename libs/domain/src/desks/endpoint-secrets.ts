import type { Ciphertext, SecretOwner, Vault } from '../ports/vault';
import { validSecrets } from '../value/secret-rotation';
import type { Timestamp } from '../value/timestamp';
import type { EndpointSecrets } from '../webhook/endpoint';

/** An endpoint with its secrets as they are stored. */
export type EncryptedSecrets = Readonly<{ id: string; url: string; secrets: Ciphertext }>;

const ownerOf = (tenant: string, { id, url }: Pick<EncryptedSecrets, 'id' | 'url'>): SecretOwner => ({
  table: 'webhook_endpoint',
  tenant,
  id,
  address: url,
});

export const encryptSecrets = (
  vault: Vault,
  tenant: string,
  endpoint: Pick<EncryptedSecrets, 'id' | 'url'>,
  secrets: EndpointSecrets,
): Ciphertext => vault.encrypt(secrets, ownerOf(tenant, endpoint));

export const decryptSecrets = (vault: Vault, tenant: string, endpoint: EncryptedSecrets): EndpointSecrets =>
  vault.decrypt(endpoint.secrets, ownerOf(tenant, endpoint)) as EndpointSecrets;

/** The secrets that an endpoint's events are signed with at `now`, the current one first. */
export function signingSecrets(
  vault: Vault,
  tenant: string,
  endpoint: EncryptedSecrets,
  now: Timestamp,
): readonly string[] {
  const { current, previous } = decryptSecrets(vault, tenant, endpoint);
  return validSecrets(current, previous, now);
}
