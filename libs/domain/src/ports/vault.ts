/** An encrypted value: base64 text (RFC 4648, section 4). */
export type Ciphertext = string;

/** The row that an encrypted value belongs to. It can be decrypted for that row only, so a copy elsewhere is worthless. */
export type SecretOwner = Readonly<{ table: string; tenant: string; id: string }>;

/**
 * Encryption at rest. Both methods throw when the key is not configured; `decrypt` also throws when the ciphertext was
 * changed or was encrypted for another row.
 */
export interface Vault {
  /** `value` is plain JSON. */
  encrypt(value: unknown, owner: SecretOwner): Ciphertext;
  decrypt(ciphertext: Ciphertext, owner: SecretOwner): unknown;
}

/** Generates secrets: 256 bits from a cryptographically secure source. */
export interface SecretGenerator {
  /** A signing secret of the Standard Webhooks specification: `whsec_` and base64. */
  signingSecret(): string;
  /** A secret that a caller shows as it is: base64url text (RFC 4648, section 5). */
  sharedSecret(): string;
}
