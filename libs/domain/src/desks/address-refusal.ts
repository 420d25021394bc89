import type { ConnectorCatalog } from '../ports/connectors';
import type { Refusal } from '../refusal';

/**
 * Refuses an address to which nothing may be sent. Asked before the unit of work, as it may look up a name; an earlier
 * answer under the same idempotency key still goes first.
 */
export async function addressRefusal(
  addresses: Pick<ConnectorCatalog, 'addressProblem'>,
  url: string | undefined,
  field = 'url',
): Promise<Refusal | undefined> {
  const problem = url === undefined ? undefined : await addresses.addressProblem(url);
  return problem === undefined
    ? undefined
    : { code: 'invalid_value', field, problem: `cannot be used: ${problem}` };
}
