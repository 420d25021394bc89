import type { Ciphertext } from '../value/secrets';

export type { Ciphertext, SecretGenerator } from '../value/secrets';

/**
 * The row that an encrypted value belongs to and, where the value is used to reach a system, the address of that system. It
 * can be decrypted for that row and that address only: neither a copy in another row nor another address in the same row
 * leads to the value.
 */
export type SecretOwner = Readonly<{ table: string; tenant: string; id: string; address?: string }>;

/**
 * Encryption at rest. Both methods throw when the key is not configured; `decrypt` also throws when the ciphertext was
 * changed or was encrypted for another row or address.
 */
export interface Vault {
  /** `value` is plain JSON. */
  encrypt(value: unknown, owner: SecretOwner): Ciphertext;
  /** The value that was encrypted for this row. Throws when it was encrypted for another one. */
  decrypt(ciphertext: Ciphertext, owner: SecretOwner): unknown;
}
