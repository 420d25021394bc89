import { CiphertextBroken, SecretsKeyMissing } from '@redress/connectors';
import { Problem } from '../problems/problem';

/**
 * Secrets that cannot be decrypted: a missing key is for the operator to bring back, and the same request can be sent again
 * then; what was altered, or belongs to another address, has to be made anew.
 */
export const withKeys = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    if (error instanceof SecretsKeyMissing) throw new Problem('secrets_key_missing', error.message);
    if (error instanceof CiphertextBroken)
      throw new Problem('secrets_unreadable', `${error.message} Delete it, and create it again.`);
    throw error;
  });
