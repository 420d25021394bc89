import { EntitySchema } from 'typeorm';
import { int4, key, nullable, tenantId, text, timestamptz, uuid } from './columns';

/** Disputes and their evidence. */
export const disputeEntity = new EntitySchema({
  name: 'dispute',
  tableName: 'dispute',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    exception_id: uuid,
    version: int4,
    state: text,
    category: text,
    description: text,
    opened_by: text,
    resolution: nullable(text),
    reopen_reason: nullable(text),
    created_at: timestamptz,
    updated_at: timestamptz,
  },
});

export const evidenceEntity = new EntitySchema({
  name: 'evidence',
  tableName: 'evidence',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    dispute_id: uuid,
    comment: text,
    file_url: nullable(text),
    submitted_by: text,
    submitted_at: timestamptz,
  },
});
