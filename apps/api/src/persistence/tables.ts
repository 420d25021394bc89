import { EntitySchema, type ColumnType, type EntitySchemaColumnOptions } from 'typeorm';

/** PostgreSQL types as the statements cast to them; `?` marks what may be null. */
type PgType = 'uuid' | 'text' | 'int4' | 'bool' | 'numeric' | 'timestamptz' | 'json' | 'bytea';
type Columns = Readonly<Record<string, PgType | `${PgType}?`>>;

/**
 * The one list of what is stored: statements are built from it, and a test compares it with the migrated database.
 * Every table also has `tenant_id`, first in its primary key.
 */
export const tables = {
  exception: {
    key: ['id'],
    columns: {
      id: 'uuid',
      version: 'int4',
      status: 'text',
      transaction_id: 'uuid',
      reason: 'text',
      severity: 'text',
      amount: 'numeric?',
      currency: 'text?',
      source: 'text?',
      occurred_at: 'timestamptz?',
      due_at: 'timestamptz',
      differences: 'json?',
      metadata: 'json?',
      assigned_to: 'text?',
      assigned_by: 'text?',
      pending: 'text?',
      pending_since: 'timestamptz?',
      proposal: 'json?',
      external_system: 'text?',
      external_issue_id: 'text?',
      external_updated_at: 'timestamptz?',
      resolution_type: 'text?',
      resolution_reason: 'text?',
      resolution_notes: 'text?',
      resolved_at: 'timestamptz?',
      resolved_by: 'text?',
      seen_count: 'int4',
      last_seen_at: 'timestamptz',
      created_at: 'timestamptz',
      updated_at: 'timestamptz',
      history_seq: 'int4',
      history_head: 'bytea',
    },
  },
  history: {
    key: ['exception_id', 'seq'],
    columns: {
      exception_id: 'uuid',
      seq: 'int4',
      id: 'uuid',
      type: 'text',
      at: 'timestamptz',
      payload: 'text',
      prev_hash: 'bytea',
      hash: 'bytea',
    },
  },
  dispute: {
    key: ['id'],
    columns: {
      id: 'uuid',
      exception_id: 'uuid',
      version: 'int4',
      state: 'text',
      category: 'text',
      description: 'text',
      opened_by: 'text',
      resolution: 'text?',
      reopen_reason: 'text?',
      created_at: 'timestamptz',
      updated_at: 'timestamptz',
    },
  },
  evidence: {
    key: ['id'],
    columns: {
      id: 'uuid',
      dispute_id: 'uuid',
      comment: 'text',
      file_url: 'text?',
      submitted_by: 'text',
      submitted_at: 'timestamptz',
    },
  },
  comment: {
    key: ['id'],
    columns: {
      id: 'uuid',
      exception_id: 'uuid',
      version: 'int4',
      author: 'text',
      content: 'text',
      created_at: 'timestamptz',
      updated_at: 'timestamptz',
      deleted_at: 'timestamptz?',
    },
  },
  adjustment: {
    key: ['id'],
    columns: {
      id: 'uuid',
      exception_id: 'uuid',
      amount: 'numeric',
      currency: 'text',
      direction: 'text',
      effective_at: 'timestamptz',
      reason_code: 'text',
      notes: 'text',
      created_by: 'text',
      created_at: 'timestamptz',
    },
  },
  dispatch: {
    key: ['id'],
    columns: {
      id: 'uuid',
      version: 'int4',
      exception_id: 'uuid',
      target: 'text',
      kind: 'text',
      queue: 'text?',
      state: 'text',
      live: 'bool',
      message: 'json?',
      note: 'text?',
      ticket_id: 'uuid?',
      external_reference: 'text?',
      external_url: 'text?',
      duplicates: 'json?',
      sends: 'int4',
      attempts: 'int4',
      misses: 'int4',
      sweeps: 'int4',
      first_sent_at: 'timestamptz?',
      last_sent_at: 'timestamptz?',
      last_error: 'text?',
      next_attempt_at: 'timestamptz?',
      requested_by: 'text',
      requested_at: 'timestamptz',
      updated_at: 'timestamptz',
    },
  },
  dispatch_attempt: {
    key: ['id'],
    columns: {
      id: 'uuid',
      dispatch_id: 'uuid',
      exception_id: 'uuid',
      at: 'timestamptz',
      kind: 'text',
      outcome: 'text',
      problem: 'text?',
      reference: 'text?',
    },
  },
  connection: {
    key: ['id'],
    columns: {
      id: 'uuid',
      target: 'text',
      version: 'int4',
      enabled: 'bool',
      settings: 'json',
      secrets: 'bytea?',
      created_at: 'timestamptz',
      created_by: 'text',
      updated_at: 'timestamptz',
      updated_by: 'text',
      deleted_at: 'timestamptz?',
    },
  },
  connection_change: {
    key: ['connection_id', 'version'],
    columns: {
      connection_id: 'uuid',
      version: 'int4',
      type: 'text',
      actor: 'text',
      at: 'timestamptz',
      changes: 'json',
      new_secrets: 'json',
    },
  },
  webhook_endpoint: {
    key: ['id'],
    columns: {
      id: 'uuid',
      version: 'int4',
      url: 'text',
      events: 'json?',
      description: 'text?',
      state: 'text',
      disabled_reason: 'text?',
      secrets: 'bytea?',
      created_at: 'timestamptz',
      created_by: 'text',
      updated_at: 'timestamptz',
      updated_by: 'text',
      deleted_at: 'timestamptz?',
    },
  },
  delivery: {
    key: ['endpoint_id', 'event_id'],
    columns: {
      endpoint_id: 'uuid',
      event_id: 'uuid',
      exception_id: 'uuid',
      seq: 'int4',
      type: 'text',
      state: 'text',
      attempts: 'int4',
      attempts_before: 'int4',
      next_attempt_at: 'timestamptz?',
      lease_until: 'timestamptz?',
      last_status: 'int4?',
      last_problem: 'text?',
      delivered_at: 'timestamptz?',
      created_at: 'timestamptz',
    },
  },
  delivery_attempt: {
    key: ['endpoint_id', 'event_id', 'attempt'],
    columns: {
      endpoint_id: 'uuid',
      event_id: 'uuid',
      attempt: 'int4',
      at: 'timestamptz',
      ms: 'int4',
      status: 'int4?',
      problem: 'text?',
    },
  },
  inbound_message: {
    key: ['id'],
    columns: {
      id: 'uuid',
      connection_id: 'uuid',
      target: 'text',
      message_id: 'text',
      digest: 'bytea',
      received_at: 'timestamptz',
      kind: 'text',
      external_reference: 'text?',
      changed_at: 'timestamptz?',
      exception_id: 'uuid?',
      dispatch_id: 'uuid?',
      outcome: 'text',
      reason: 'text?',
      body: 'text',
    },
  },
  approval_policy: {
    key: ['version'],
    columns: {
      version: 'int4',
      id: 'uuid',
      rules: 'json',
      created_at: 'timestamptz',
      created_by: 'text',
    },
  },
  idempotency: {
    key: ['key'],
    columns: {
      key: 'text',
      fingerprint: 'text',
      answer: 'text',
      expires_at: 'timestamptz',
      provisional_until: 'timestamptz?',
    },
  },
} as const satisfies Record<string, { key: readonly string[]; columns: Columns }>;

export type TableName = keyof typeof tables;
export type Row = Record<string, unknown>;

export const columnsOf = (table: TableName): string[] => Object.keys(tables[table].columns);

/** The bare PostgreSQL type of a column. */
export const typeOf = (table: TableName, column: string): string =>
  (tables[table].columns as Columns)[column]?.replace('?', '') ?? 'text';

/** The same list as TypeORM entities, which the drift test compares with the database. */
export const entities = (Object.keys(tables) as TableName[]).map((table) => {
  const key: readonly string[] = tables[table].key;
  const entry = (name: string, type: string): [string, EntitySchemaColumnOptions] => [
    name,
    {
      type: type.replace('?', '') as ColumnType,
      primary: name === 'tenant_id' || key.includes(name),
      nullable: type.endsWith('?'),
      ...(type.startsWith('timestamptz') && { precision: 3 }),
      // Compared byte by byte, which is all that is ever asked of them.
      ...((name === 'tenant_id' || name === 'key') && { collation: 'C' }),
    },
  ];
  const columns = [
    entry('tenant_id', 'text'),
    ...Object.entries(tables[table].columns).map(([n, t]) => entry(n, t)),
  ];
  return new EntitySchema({ name: table, tableName: table, columns: Object.fromEntries(columns) });
});
