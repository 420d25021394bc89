import { isDeepStrictEqual } from 'node:util';
import type { PoolClient } from 'pg';
import type { Row } from '../entities/entity-schemas';
import { readerOf, runOnWire, type Prelude } from './wire-query';

const text = `SELECT $1::int4 / $2::int4 AS quotient, $3::text AS text, $4::timestamptz AS time, NULL::text AS nothing,
  $5::text[] AS list, current_setting('redress.test', true) AS setting`;
const values = [6, 2, 'ä', '2025-01-15T10:30:00.120Z', ['a"b\\', null, '{,}']];
const divisionByZero = '22012';

/**
 * Self-test of `runOnWire`, which depends on internals of the driver: whether it still reads what the driver reads, at
 * its first and at a later execution, with and without a prelude, and whether the session survives an error, which undoes
 * the prelude. A later version of the driver may change what it depends on; statements then go the documented way.
 *
 * @param name under which the statement is prepared; none where a pooler may give the next one another session
 */
export async function wireQueryWorks(client: PoolClient, name?: string): Promise<boolean> {
  const inTransaction = name === undefined;
  const statement = { ...(name !== undefined && { name }), text };
  const prelude = (setting: string): Prelude => ({
    text: `SELECT set_config('redress.test', $1, ${String(inTransaction)})`,
    values: [setting],
  });
  const run = (divisor: number, ahead?: Prelude) =>
    runOnWire(client, statement, [values[0], divisor, ...values.slice(2)], ahead);
  try {
    const { rows } = await client.query<Row>({ text, values, types: { getTypeParser: readerOf } });
    const expected = rows.map((row) => ({ ...row, setting: 'kept' }));
    const first = await run(2, prelude('kept'));
    const failure = await run(0, prelude('undone')).catch((error: unknown) => error);
    const second = await run(2, inTransaction ? prelude('kept') : undefined);
    return (
      (failure as { code?: string }).code === divisionByZero &&
      [first, second].every((answer) => isDeepStrictEqual(answer, expected))
    );
  } catch {
    return false;
  }
}
