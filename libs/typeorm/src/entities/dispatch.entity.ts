import { EntitySchema } from 'typeorm';
import { bool, int4, json, key, nullable, tenantId, text, timestamptz, uuid } from './columns';

/** Dispatches to other systems, and their attempts. */
export const dispatchEntity = new EntitySchema({
  name: 'dispatch',
  tableName: 'dispatch',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    version: int4,
    exception_id: uuid,
    target: text,
    kind: text,
    queue: nullable(text),
    state: text,
    live: bool,
    message: nullable(json),
    posting: nullable(json),
    note: nullable(text),
    ticket_id: nullable(uuid),
    external_reference: nullable(text),
    external_url: nullable(text),
    external_id: nullable(text),
    duplicates: nullable(json),
    sends: int4,
    doubtful_sends: int4,
    received_at: nullable(timestamptz),
    attempts: int4,
    misses: int4,
    sweeps: int4,
    first_sent_at: nullable(timestamptz),
    last_sent_at: nullable(timestamptz),
    last_error: nullable(text),
    next_attempt_at: nullable(timestamptz),
    proposed_answer: nullable(json),
    requested_by: text,
    requested_at: timestamptz,
    updated_at: timestamptz,
  },
});

export const dispatchAttemptEntity = new EntitySchema({
  name: 'dispatch_attempt',
  tableName: 'dispatch_attempt',
  columns: {
    tenant_id: tenantId,
    id: key(uuid),
    dispatch_id: uuid,
    exception_id: uuid,
    at: timestamptz,
    kind: text,
    outcome: text,
    problem: nullable(text),
    reference: nullable(text),
  },
});
