import type { SecretOwner, Vault } from '../ports/vault';

/** A vault in memory. It gives out handles, so that nothing of a value can be read from its ciphertext. */
export function aVault(): Vault {
  const kept: { value: string; owner: string }[] = [];
  const nameOf = ({ table, tenant, id, address }: SecretOwner): string =>
    JSON.stringify([table, tenant, id, address]);
  return {
    // Padded to a text that is base64, as every ciphertext is.
    encrypt: (value, owner) =>
      String(kept.push({ value: JSON.stringify(value), owner: nameOf(owner) })).padStart(8, '0'),
    decrypt: (ciphertext, owner) => {
      const found = kept[Number(ciphertext) - 1];
      if (!found || found.owner !== nameOf(owner)) throw new Error('It was not encrypted for this row.');
      return JSON.parse(found.value) as unknown;
    },
  };
}
