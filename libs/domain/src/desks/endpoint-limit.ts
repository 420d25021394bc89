import type { Refusal } from '../refusal';

/** Webhook endpoints that a tenant may have: each event of the tenant may be a request to each of them. */
export const maxEndpoints = 100;

/** The refusal of one more. */
export const tooManyEndpoints: Refusal = {
  code: 'invalid_value',
  field: 'url',
  problem: `cannot be added: a tenant has at most ${maxEndpoints} webhook endpoints; delete one, or pass events on from one`,
};
