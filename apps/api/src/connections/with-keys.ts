import { SecretsKeyMissing } from '@redress/connectors';
import { Problem } from '../problems/problem';

/** That a key is missing is for the operator to mend, and the same request can be sent again then. */
export const withKeys = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof SecretsKeyMissing ? new Problem('secrets_key_missing', error.message) : error;
  });
