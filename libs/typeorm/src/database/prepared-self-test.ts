import { isDeepStrictEqual } from 'node:util';
import type { PoolClient } from 'pg';
import { readerOf, runPrepared } from './prepared-query';

const text = `SELECT $1::int4 / $2::int4 AS quotient, $3::text AS text, $4::timestamptz AS time, NULL::text AS nothing`;
const values = [6, 2, 'ä', '2025-01-15T10:30:00.120Z'];
const divisionByZero = '22012';

/**
 * Self-test of `runPrepared`, which depends on internals of the driver: whether it still reads what the driver reads, at
 * its first and at a later execution, and whether the session survives an error. A later version of the driver may
 * change what it depends on; statements then go the documented way.
 */
export async function preparedQueryWorks(client: PoolClient): Promise<boolean> {
  const run = (divisor: number) =>
    runPrepared(client, 'self_test', text, [values[0], divisor, ...values.slice(2)]);
  try {
    const expected = await client.query({ text, values, types: { getTypeParser: readerOf } });
    const first = await run(2);
    const failure = await run(0).catch((error: unknown) => error);
    const second = await run(2);
    return (
      (failure as { code?: string }).code === divisionByZero &&
      [first, second].every((rows) => isDeepStrictEqual(rows, expected.rows))
    );
  } catch {
    return false;
  }
}
