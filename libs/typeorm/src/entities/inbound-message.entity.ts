import { EntitySchema } from 'typeorm';
import { bytea, key, nullable, tenantId, text, timestamptz, uuid } from './columns';

/** Messages that external systems sent. */
export const inboundMessageEntity = new EntitySchema({
  name: 'inbound_message',
  tableName: 'inbound_message',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    connection_id: uuid,
    target: text,
    message_id: text,
    digest: bytea,
    received_at: timestamptz,
    kind: text,
    external_reference: nullable(text),
    changed_at: nullable(timestamptz),
    exception_id: nullable(uuid),
    dispatch_id: nullable(uuid),
    outcome: text,
    reason: nullable(text),
    body: text,
  },
});
