import { columnsOf } from '../../libs/typeorm/src/entities/entity-schemas';
import { newId } from '../../apps/api/src/ids';
import { textKey } from '@redress/domain';
import type { Json } from './app';
import type { Owner } from './owner';

export type ExceptionRow = Partial<Record<string, unknown>> & { tenant_id: string };

/** What no exception can be without. */
const plain = (): Record<string, unknown> => {
  const now = new Date().toISOString();
  return {
    id: newId(),
    version: 1,
    status: 'OPEN',
    transaction_id: newId(),
    reason: 'Amount mismatch detected',
    severity: 'LOW',
    due_at: now,
    seen_count: 1,
    last_seen_at: now,
    created_at: now,
    updated_at: now,
    history_seq: 0,
    history_head: '\\x00',
  };
};

/** All but those that the database works out by itself. */
export const exceptionColumns = ['tenant_id', ...columnsOf('exception')].join(', ');

/** Writes exceptions past the service, which could not make so many so quickly, nor so old. They have no history. */
export async function writeExceptions(
  owner: Owner,
  rows: readonly ExceptionRow[],
): Promise<Record<string, Json>[]> {
  const whole = rows.map((row) => {
    const all = { ...plain(), ...row };
    return { ...all, reason_key: textKey(String(all.reason)) };
  });
  for (let at = 0; at < whole.length; at += 2000) {
    await owner.rows(
      `INSERT INTO exception (${exceptionColumns}) SELECT ${exceptionColumns} FROM json_populate_recordset(NULL::exception, $1)`,
      [JSON.stringify(whole.slice(at, at + 2000))],
    );
  }
  return whole;
}
