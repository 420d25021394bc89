import type { Context } from '../change';
import type { EndpointTransaction } from '../ports/endpoint-store';
import type { RefusalCode } from '../refusal';
import { ok, refuse, type Result } from '../result';
import { decideDelivery, type Delivery } from '../webhook/delivery';
import type { Timestamp } from '../value/timestamp';
import type { WebhookEndpoint } from '../webhook/endpoint';

/** The deliveries of a replay; one that was being sent at that moment is among them as it was. */
export type Replayed = Readonly<{ deliveries: readonly Delivery[] }>;

/** Refusals by command, beside those that any command can have; a spec compares them with what is decided. */
export const endpointRefusals = { replay: ['not_allowed'] } as const satisfies Record<
  'replay',
  readonly RefusalCode[]
>;

/** Deliveries that one command may replay at most. */
export const maxReplay = 1000;

/** The deliveries to an endpoint from `from` to before `to`. Refused when there are more than `maxReplay`. */
export async function deliveriesWithin(
  tx: EndpointTransaction,
  endpointId: string,
  { from, to }: Readonly<{ from: Timestamp; to: Timestamp }>,
): Promise<Result<readonly Delivery[]>> {
  if (from >= to) return refuse({ code: 'invalid_value', field: 'to', problem: 'must be later than from' });
  const found = await tx.deliveries.within(endpointId, from, to, maxReplay + 1);
  const problem = `is too late: there are more than ${maxReplay} deliveries until then; ask for a shorter time`;
  return found.length > maxReplay ? refuse({ code: 'invalid_value', field: 'to', problem }) : ok(found);
}

/** Sends deliveries to an endpoint again. */
export async function replayDeliveries(
  { state }: WebhookEndpoint,
  tx: EndpointTransaction,
  { now }: Context,
  find: (tx: EndpointTransaction) => Promise<Result<readonly Delivery[]>>,
): Promise<Result<Replayed>> {
  if (state === 'DISABLED')
    return refuse({ code: 'not_allowed', command: 'replay', status: state, allowed: ['enable'] });
  const found = await find(tx);
  if (!found.ok) return found;
  const deliveries: Delivery[] = [];
  for (const delivery of found.value) {
    const replayed = decideDelivery(delivery, { type: 'replay' }, now);
    if (!replayed.ok) return replayed;
    deliveries.push(replayed.value);
  }
  const pending = deliveries.filter((delivery) => delivery.state === 'PENDING');
  await tx.deliveries.again(pending, now);
  return ok({ deliveries });
}
