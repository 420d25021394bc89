import { EntitySchema } from 'typeorm';
import { bytea, int4, json, key, nullable, tenantId, text, timestamptz, uuid } from './columns';

/** Webhook endpoints, what is delivered to them, and the attempts. */
export const webhookEndpointEntity = new EntitySchema({
  name: 'webhook_endpoint',
  tableName: 'webhook_endpoint',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    version: int4,
    url: text,
    events: nullable(json),
    description: nullable(text),
    state: text,
    disabled_reason: nullable(text),
    secrets: nullable(bytea),
    created_at: timestamptz,
    created_by: text,
    updated_at: timestamptz,
    updated_by: text,
    deleted_at: nullable(timestamptz),
  },
});

export const deliveryEntity = new EntitySchema({
  name: 'delivery',
  tableName: 'delivery',
  columns: {
    tenant_id: tenantId,
    endpoint_id: key(uuid),
    event_id: key(uuid),
    exception_id: uuid,
    seq: int4,
    type: text,
    state: text,
    attempts: int4,
    attempts_before: int4,
    next_attempt_at: nullable(timestamptz),
    lease_until: nullable(timestamptz),
    last_status: nullable(int4),
    last_problem: nullable(text),
    delivered_at: nullable(timestamptz),
    created_at: timestamptz,
  },
});

export const deliveryAttemptEntity = new EntitySchema({
  name: 'delivery_attempt',
  tableName: 'delivery_attempt',
  columns: {
    tenant_id: tenantId,
    endpoint_id: key(uuid),
    event_id: key(uuid),
    attempt: key(int4),
    at: timestamptz,
    ms: int4,
    status: nullable(int4),
    problem: nullable(text),
  },
});

/** When the first delivery of one exception to one endpoint is due; there is a row as long as there is such a delivery. */
export const webhookLaneEntity = new EntitySchema({
  name: 'webhook_lane',
  tableName: 'webhook_lane',
  columns: {
    tenant_id: tenantId,
    endpoint_id: key(uuid),
    exception_id: key(uuid),
    due_at: timestamptz,
  },
});
