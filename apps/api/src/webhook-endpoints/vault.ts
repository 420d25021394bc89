import type { Vault } from '@redress/domain/integrations';
import type { SealingKeys } from '../connections/aes-vault';

/** The vault over the keys of the service. */
export const vaultOver = (keys: SealingKeys): Vault => ({
  encrypt: (value, owner) => keys.seal(value, owner).toString('base64'),
  decrypt: (ciphertext, owner) => keys.open(Buffer.from(ciphertext, 'base64'), owner),
});
