import { EntitySchema } from 'typeorm';
import { bool, json, key, nullable, numeric, tenantId, text, timestamptz, uuid } from './columns';

/** What resolving leaves behind: adjustments and forced matches. */
export const adjustmentEntity = new EntitySchema({
  name: 'adjustment',
  tableName: 'adjustment',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    exception_id: uuid,
    amount: numeric,
    currency: text,
    direction: text,
    effective_at: timestamptz,
    reason_code: text,
    notes: text,
    created_by: text,
    created_at: timestamptz,
    approval: nullable(json),
    reverses: nullable(uuid),
  },
});

export const forcedMatchEntity = new EntitySchema({
  name: 'forced_match',
  tableName: 'forced_match',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    exception_id: uuid,
    override_reason: text,
    notes: text,
    counterparts: json,
    residuals: json,
    residual_accepted: bool,
    created_by: text,
    created_at: timestamptz,
    approval: nullable(json),
  },
});
