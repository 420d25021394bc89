import { EntitySchema } from 'typeorm';
import { bytewiseText, key, nullable, tenantId, text, timestamptz } from './columns';

/** Replies that are kept for idempotency keys. */
export const idempotencyEntity = new EntitySchema({
  name: 'idempotency',
  tableName: 'idempotency',
  columns: {
    tenant_id: tenantId,
    key: key(bytewiseText),
    fingerprint: text,
    answer: text,
    expires_at: timestamptz,
    provisional_until: nullable(timestamptz),
  },
});
