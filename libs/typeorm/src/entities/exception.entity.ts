import { exceptionFields } from '@redress/domain';
import { EntitySchema } from 'typeorm';
import {
  bytea,
  bytewiseText,
  fieldColumns,
  int4,
  key,
  nullable,
  tenantId,
  text,
  timestamptz,
  uuid,
} from './columns';

/** Exceptions as they are now, and the history of each, chained by hashes. */
export const exceptionEntity = new EntitySchema({
  name: 'exception',
  tableName: 'exception',
  columns: {
    tenant_id: tenantId,
    ...fieldColumns(exceptionFields),
    id: key(uuid),
    reason_key: nullable(bytewiseText),
    history_seq: int4,
    history_head: bytea,
  },
});

export const historyEntity = new EntitySchema({
  name: 'history',
  tableName: 'history',
  columns: {
    tenant_id: tenantId,
    exception_id: key(uuid),
    seq: key(int4),
    id: uuid,
    type: text,
    at: timestamptz,
    payload: text,
    prev_hash: bytea,
    hash: bytea,
  },
});
