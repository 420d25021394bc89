import type { Ciphertext, SecretOwner, Vault } from '../ports/vault';
import { validSecrets } from '../value/secret-rotation';
import type { Timestamp } from '../value/timestamp';
import type { EndpointSecrets } from '../webhook/endpoint';

/** An endpoint with its secrets as they are stored. */
export type EncryptedSecrets = Readonly<{ id: string; secrets: Ciphertext }>;

const ownerOf = (tenant: string, id: string): SecretOwner => ({ table: 'webhook_endpoint', tenant, id });

export const encryptSecrets = (
  vault: Vault,
  tenant: string,
  id: string,
  secrets: EndpointSecrets,
): Ciphertext => vault.encrypt(secrets, ownerOf(tenant, id));

export const decryptSecrets = (
  vault: Vault,
  tenant: string,
  { id, secrets }: EncryptedSecrets,
): EndpointSecrets => vault.decrypt(secrets, ownerOf(tenant, id)) as EndpointSecrets;

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
