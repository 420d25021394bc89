/** The key that is needed is not configured. The message tells the operator of the service what to do. */
export class SecretsKeyMissing extends Error {}

/** The ciphertext was altered or cut short, or it was encrypted for another row or address. */
export class CiphertextBroken extends Error {}
