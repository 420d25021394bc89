import { EntitySchema } from 'typeorm';
import { int4, key, nullable, tenantId, text, timestamptz, uuid } from './columns';

/** Comments; a deleted one keeps its row. */
export const commentEntity = new EntitySchema({
  name: 'comment',
  tableName: 'comment',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    exception_id: uuid,
    version: int4,
    author: text,
    content: text,
    created_at: timestamptz,
    updated_at: timestamptz,
    deleted_at: nullable(timestamptz),
  },
});
