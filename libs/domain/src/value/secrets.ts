/** An encrypted value: base64 text (RFC 4648, section 4). */
export type Ciphertext = string;

/** Generates secrets: 256 bits from a cryptographically secure source. */
export interface SecretGenerator {
  /** A signing secret of the Standard Webhooks specification: `whsec_` and base64. */
  signingSecret(): string;
  /** A secret that a caller shows as it is: base64url text (RFC 4648, section 5). */
  sharedSecret(): string;
}
