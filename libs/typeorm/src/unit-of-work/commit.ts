import { tenantShare } from '@redress/domain/integrations';
import type { TenantSession, Statement } from '../database/tenant-pool';
import { insertDeliveries } from '../jobs/delivery-fan-out';
import { dispatchTask, jobSpec, type Job } from '../jobs/job-spec';
import { sourceOf } from './values-clause';
import { columnsOf, typeOf, type Row, type TableName } from '../entities/entity-schemas';
import { textArray } from '../database/binary-text-array';

/**
 * One write of a unit of work: rows to insert, or rows to update where version and history are still as they were.
 * `guard` columns must match for a row to be updated; `set` columns are what it becomes.
 */
export type Write =
  | (Readonly<{ kind: 'insert'; table: TableName }> & Rows)
  | (Readonly<{
      kind: 'update';
      table: TableName;
      set: readonly string[];
      guard: readonly string[];
    }> &
      Rows)
  /** A reply takes the place of an expired one under the same key, never of a live one. */
  | Readonly<{ kind: 'reply'; rows: readonly [Row] }>
  /** The final answer in place of a provisional one. */
  | Readonly<{ kind: 'settle_reply'; rows: readonly [Row] }>
  /** Ends what may or may not be there, so it is not counted. */
  | Readonly<{ kind: 'end_dispatches'; rows: readonly Row[] }>
  /** Jobs to be run at their time, each in the place of one with the same key that waits. No key may come twice. */
  | Readonly<{ kind: 'schedule'; rows: readonly Job[] }>;

const jobTypes = { task: 'text', payload: 'json', run_at: 'timestamptz', job_key: 'text', priority: 'int2' };

/** Of a tenant with many dispatches waiting, the next waits behind those of others: see `tenantShare`. */
const waiting = `(SELECT count(*) FROM (SELECT FROM dispatch WHERE tenant_id = $1 AND state = 'RESERVED' LIMIT ${tenantShare}) d)`;
const inLine = `least(${tenantShare}, ${waiting} + row_number() OVER ())`;

const alarmSpec = jobSpec({
  task: 'x.task',
  payload: 'x.payload',
  runAt: 'x.run_at',
  key: 'x.job_key',
  priority: `x.priority + CASE x.task WHEN '${dispatchTask}' THEN ${inLine} ELSE 0 END`,
});

/** By column, or in another form of which `cell` knows the values: many are stored without being copied. */
type Rows = Readonly<{ rows: readonly Row[] } | { rows: readonly unknown[]; cell: Cell }>;

/** What a column of a row holds; null and undefined are both nothing. */
export type Cell = (column: string) => (row: never) => unknown;

/** Guard values travel beside the new ones, under this prefix. */
export const was = (column: string): string => `was_${column}`;

/**
 * All writes of a unit of work as one SQL statement: atomic without BEGIN and COMMIT, and no lock is held across a
 * round trip. Its parts do not see each other, so the final SELECT fails the whole when one of them missed a row.
 */
export async function commit(pg: TenantSession, tenant: string, writes: readonly Write[]): Promise<void> {
  const filled = writes.filter((write) => write.rows.length > 0);
  const expected = filled.reduce((sum, write) => sum + (isCounted(write) ? write.rows.length : 0), 0);
  const values: unknown[] = [tenant, expected];
  for (const write of filled) pushValues(values, write);
  await pg.query(statementFor(filled), values);
}

const isCounted = ({ kind }: Write): boolean => kind !== 'end_dispatches';

const statements = new Map<string, Statement>();

/**
 * The text depends on the shape of the writes alone, so there are few. Of single rows each is prepared once per
 * connection; with many rows planning is the smaller part, and a plan made for a table that has grown since the larger.
 */
function statementFor(writes: readonly Write[]): Statement {
  const shape = writes.map(shapeOf).join(' ');
  let statement = statements.get(shape);
  if (!statement) {
    const single = writes.every(({ rows }) => rows.length === 1);
    statement = { ...(single && { name: `commit_${statements.size}` }), text: textFor(writes) };
    statements.set(shape, statement);
  }
  return statement;
}

const shapeOf = (write: Write): string => {
  const count = write.rows.length === 1 ? 'one' : 'many';
  const table = 'table' in write ? write.table : '';
  const what = write.kind === 'update' ? `${write.set.join()}/${write.guard.join()}` : '';
  return `${write.kind}:${table}:${what}:${count}`;
};

function textFor(writes: readonly Write[]): string {
  let parameter = 3;
  const fanOuts: string[] = [];
  const parts = writes.map((write, i) => {
    const columns = columnsIn(write);
    if (write.kind === 'insert' && write.table === 'history')
      fanOuts.push(insertDeliveries(parameter, write.rows.length > 1));
    const source = sourceOf(columns, typesIn(write), parameter, write.rows.length > 1);
    const part = partFor(write, source, parameter);
    parameter += columns.length;
    return `w${i} AS (${part})`;
  });
  const counted = writes.flatMap((write, i) => (isCounted(write) ? [`(SELECT count(*) FROM w${i})`] : []));
  counted.push(...fanOuts);
  return `WITH ${parts.join(',\n')}\nSELECT redress_all_or_nothing($2, ${counted.join(' + ')})`;
}

function partFor(write: Write, source: string, first: number): string {
  switch (write.kind) {
    case 'insert': {
      const columns = columnsOf(write.table);
      return `INSERT INTO ${write.table} (tenant_id, ${columns.join(', ')}) SELECT $1, ${columns.join(', ')} FROM ${source} RETURNING 1`;
    }
    case 'update': {
      const assignments = write.set.map((column) => `${column} = x.${column}`);
      const guards = write.guard.map((column) => ` AND t.${column} = x.${was(column)}`);
      const many = write.rows.length > 1;
      return (
        `UPDATE ${write.table} t SET ${assignments.join(', ')} FROM ${source} ` +
        `WHERE ${many ? lookedUp(write.table, first) : 't.tenant_id = $1'} AND t.id = x.id${guards.join('')} RETURNING 1`
      );
    }
    case 'reply': {
      const columns = columnsOf('idempotency');
      const renewed = columns.map((column) => `${column} = excluded.${column}`);
      return (
        `INSERT INTO idempotency AS t (tenant_id, ${columns.join(', ')}) SELECT $1, ${columns.join(', ')} FROM ${source} ` +
        `ON CONFLICT (tenant_id, key) DO UPDATE SET ${renewed.join(', ')} WHERE t.expires_at <= now() RETURNING 1`
      );
    }
    case 'settle_reply':
      return (
        `UPDATE idempotency t SET answer = x.answer, provisional_until = NULL FROM ${source} ` +
        'WHERE t.tenant_id = $1 AND t.key = x.key AND t.provisional_until > now() RETURNING 1'
      );
    case 'end_dispatches':
      return `UPDATE dispatch t SET live = false FROM ${source} WHERE t.tenant_id = $1 AND t.exception_id = x.exception_id AND t.live RETURNING 1`;
    case 'schedule':
      // One that is just being run does not know of this commit: the engine lets go of it and makes another. When it
      // begins between the engine's two steps there is none: what is counted is missed, and the commit is run again.
      return (
        `SELECT 1 FROM graphile_worker.add_jobs(ARRAY(SELECT ${alarmSpec} FROM ${source} ` +
        'WHERE $1::text IS NOT NULL))'
      );
  }
}

/**
 * Each of many rows is looked up by its key before it is updated, whatever the planner believes: about a table that has
 * just grown it believes that reading all of the tenant's rows is cheaper. OFFSET 0 keeps the look-up as it is.
 */
const lookedUp = (table: TableName, ids: number): string =>
  `t.ctid = ANY(ARRAY(SELECT k.ctid FROM unnest($${ids}::text[]) AS i(id) CROSS JOIN LATERAL ` +
  `(SELECT ctid FROM ${table} WHERE tenant_id = $1 AND id = i.id::uuid OFFSET 0) AS k))`;

/** The columns whose values travel, in their order. */
function columnsIn(write: Write): readonly string[] {
  switch (write.kind) {
    case 'insert':
      return columnsOf(write.table);
    case 'update':
      return ['id', ...write.set, ...write.guard.map(was)];
    case 'reply':
      return columnsOf('idempotency');
    case 'settle_reply':
      return ['key', 'answer'];
    case 'end_dispatches':
      return ['exception_id'];
    case 'schedule':
      return Object.keys(jobTypes);
  }
}

const tableOf = {
  reply: 'idempotency',
  settle_reply: 'idempotency',
  end_dispatches: 'dispatch',
} as const satisfies Record<string, TableName>;

function typesIn(write: Write): readonly string[] {
  if (write.kind === 'schedule') return Object.values(jobTypes);
  if (write.kind === 'update')
    return ['id', ...write.set, ...write.guard].map((column) => typeOf(write.table, column));
  const table = write.kind === 'insert' ? write.table : tableOf[write.kind];
  return columnsIn(write).map((column) => typeOf(table, column));
}

function pushValues(values: unknown[], write: Write): void {
  const rows: readonly unknown[] = write.rows;
  const cell: Cell = 'cell' in write ? write.cell : byName;
  for (const column of columnsIn(write)) {
    const of = cell(column) as (row: unknown) => unknown;
    values.push(rows.length === 1 ? (of(rows[0]) ?? null) : textArray(rows, of));
  }
}

const byName: Cell = (column) => (row: Row) => row[column];
