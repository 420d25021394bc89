import { isUuid, type Timestamp, type UnitOfWork } from '@redress/domain';
import { And, In, IsNull, LessThan, MoreThanOrEqual, Not, type DataSource } from 'typeorm';
import type { Delivery, EndpointTransaction } from '@redress/domain/integrations';
import { toDelivery, toEndpoint } from '../entities/mapping';
import type { UnitOfWorkOptions } from '../unit-of-work/run-with-retries';
import { TypeOrmUnitOfWork, type Scope } from '../unit-of-work/typeorm-unit-of-work';
import type { TenantRows } from '../unit-of-work/tenant-rows';

const endpointsIn = ({ rows, replies, onAccept }: Scope): EndpointTransaction => ({
  replies,
  endpoints: {
    load: async (id) => {
      const row = isUuid(id) && (await rows.locked('webhook_endpoint', { id, deleted_at: IsNull() }));
      return row ? toEndpoint(row) : undefined;
    },
    count: () => rows.of('webhook_endpoint').count({ where: rows.where({ deleted_at: IsNull() }) }),
    save: async ({ basedOn, state, skipsDeliveries }) =>
      onAccept(async () => {
        if (basedOn === 0) await rows.insert('webhook_endpoint', state);
        else await rows.update('webhook_endpoint', { id: state.id, version: basedOn }, state);
        if (skipsDeliveries) await skipDeliveries(rows, state.id);
      }),
  },
  deliveries: {
    load: async (endpointId, eventId) => {
      if (!isUuid(endpointId) || !isUuid(eventId)) return undefined;
      const row = await rows.one('delivery', { endpoint_id: endpointId, event_id: eventId });
      return row ? toDelivery(row) : undefined;
    },
    within: async (endpointId, from, to, most) => {
      // Ids of events begin with their time, and the index with their ids.
      const event_id = And(MoreThanOrEqual(firstIdAt(from)), LessThan(firstIdAt(to)));
      const found = await rows.of('delivery').find({
        where: rows.where({ endpoint_id: endpointId, event_id, state: Not('SENDING') }),
        order: { event_id: 'ASC' },
        take: most,
      });
      return found.map(toDelivery);
    },
    again: async (deliveries, at) => onAccept(() => deliverAgain(rows, deliveries, at)),
  },
});

const skipDeliveries = (rows: TenantRows, endpointId: string): Promise<unknown> =>
  rows.manager.query('SELECT redress_skip_deliveries($1, $2, NULL)', [rows.tenant, endpointId]);

/** The lanes are locked before the deliveries, as workers do. */
const ringLanes = `INSERT INTO webhook_lane AS w SELECT $1, $2, x, $4 FROM unnest($3::uuid[]) AS x ORDER BY x
  ON CONFLICT (tenant_id, endpoint_id, exception_id) DO UPDATE SET due_at = least(w.due_at, excluded.due_at)`;

/** All of one endpoint, or none: where one of them is being sent by now, the work is run again. */
async function deliverAgain(rows: TenantRows, deliveries: readonly Delivery[], at: Timestamp): Promise<void> {
  const [first] = deliveries;
  if (!first) return;
  const { endpointId } = first;
  const lanes = [...new Set(deliveries.map(({ exceptionId }) => exceptionId))];
  await rows.manager.query(ringLanes, [rows.tenant, endpointId, lanes, at]);
  const event_id = In(deliveries.map(({ eventId }) => eventId));
  const chosen = rows.where({ endpoint_id: endpointId, event_id, state: Not('SENDING') });
  const again = { state: 'PENDING', next_attempt_at: at, attempts_before: () => 'attempts' };
  await rows.expectChanged(deliveries.length, rows.of('delivery').update(chosen, again));
  await rows.manager.query('SELECT redress_ring_endpoints($1, ARRAY[$2::uuid])', [rows.tenant, endpointId]);
}

/** No UUIDv7 of this moment or later sorts before it. */
function firstIdAt(at: Timestamp): string {
  // Before 1970 there are no ids.
  const time = Math.max(Date.parse(at), 0).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

/** Webhook endpoints, and what they are sent again. */
export const endpointUnitOfWork = (
  dataSource: DataSource,
  options: UnitOfWorkOptions,
): UnitOfWork<EndpointTransaction> => new TypeOrmUnitOfWork(dataSource, options, endpointsIn);
