import { EntitySchema } from 'typeorm';
import { int4, json, key, nullable, tenantId, text, timestamptz, uuid } from './columns';

/** Settings of a tenant, one row for each version. */
export const approvalPolicyEntity = new EntitySchema({
  name: 'approval_policy',
  tableName: 'approval_policy',
  columns: {
    tenant_id: tenantId,
    version: key(int4),
    id: uuid,
    rules: json,
    policy_changes: nullable(json),
    ledger_changes: nullable(json),
    answers: nullable(json),
    proposed: nullable(json),
    approval: nullable(json),
    created_at: timestamptz,
    created_by: text,
  },
});

export const reasonCodesEntity = new EntitySchema({
  name: 'reason_codes',
  tableName: 'reason_codes',
  columns: {
    tenant_id: tenantId,
    version: key(int4),
    id: uuid,
    commands: json,
    accepted: json,
    created_at: timestamptz,
    created_by: text,
  },
});
