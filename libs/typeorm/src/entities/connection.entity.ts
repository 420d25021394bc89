import { EntitySchema } from 'typeorm';
import { bool, bytea, int4, json, key, nullable, tenantId, text, timestamptz, uuid } from './columns';

/** Connections to external systems, with encrypted secrets, and their changes. */
export const connectionEntity = new EntitySchema({
  name: 'connection',
  tableName: 'connection',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    target: text,
    version: int4,
    enabled: bool,
    settings: json,
    secrets: nullable(bytea),
    proposed: nullable(json),
    created_at: timestamptz,
    created_by: text,
    updated_at: timestamptz,
    updated_by: text,
    deleted_at: nullable(timestamptz),
  },
});

export const connectionChangeEntity = new EntitySchema({
  name: 'connection_change',
  tableName: 'connection_change',
  columns: {
    tenant_id: tenantId,
    connection_id: key(uuid),
    version: key(int4),
    type: text,
    actor: text,
    at: timestamptz,
    changes: json,
    new_secrets: json,
  },
});
