import { refuse, type Result } from '@redress/domain';

/** A refusal of a secret, or of a setting that goes with one. */
export const secretRefusal = (field: string, problem: string): Result<never> =>
  refuse({ code: 'invalid_value', field, problem });

/** A secret that a connection cannot do without. `addressField` is the setting whose change discards secrets. */
export const missingSecret = (field: string, addressField: string): Result<never> =>
  secretRefusal(field, `is required for a new connection, and whenever ${addressField} changes`);
