import { newId } from '../../apps/api/src/ids';
import { columnsOf } from '../../libs/typeorm/src/entities/entity-schemas';
import type { Json } from './app';
import { writeExceptions } from './exception-rows';
import type { Owner } from './owner';

type Row = Record<string, Json>;

const columns = ['tenant_id', ...columnsOf('adjustment')].join(', ');

/** Writes adjustments past the service, each for an exception of its own unless it is told which one. */
export async function writeAdjustments(
  owner: Owner,
  tenant: string,
  rows: readonly Readonly<Row>[],
): Promise<Row[]> {
  const now = new Date().toISOString();
  const whole = rows.map((row): Row => ({
    tenant_id: tenant,
    id: newId(),
    exception_id: newId(),
    amount: '1.00',
    currency: 'BRL',
    direction: 'DEBIT',
    effective_at: now,
    reason_code: 'FEE_ADJUSTMENT',
    notes: 'Correcting a fee.',
    created_by: 'ana@example.com',
    created_at: now,
    ...row,
  }));
  const exceptions = new Set(
    whole.filter(({ reverses }) => !reverses).map((row) => row['exception_id'] as string),
  );
  await writeExceptions(
    owner,
    [...exceptions].map((id) => ({ tenant_id: tenant, id, status: 'RESOLVED' })),
  );
  for (let at = 0; at < whole.length; at += 2000) {
    await owner.rows(
      `INSERT INTO adjustment (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::adjustment, $1)`,
      [JSON.stringify(whole.slice(at, at + 2000))],
    );
  }
  return whole;
}
