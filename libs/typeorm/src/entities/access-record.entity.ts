import { EntitySchema } from 'typeorm';
import { int4, key, tenantId, text, timestamptz, uuid } from './columns';

/** Requests that an auditor asks about: exports, large lists, changes of settings, and what was refused for want of a scope. */
export const accessRecordEntity = new EntitySchema({
  name: 'access_record',
  tableName: 'access_record',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    at: timestamptz,
    actor: text,
    kind: text,
    method: text,
    route: text,
    query: text,
    status: int4,
    request_id: text,
  },
});
