import { createHash } from 'node:crypto';
import { Pool } from 'pg';
import type { Json } from './app';

/** Looks into the database past every fence, as its owner. */
export type Owner = Readonly<{
  rows: <R extends object = Record<string, Json>>(sql: string, values?: unknown[]) => Promise<R[]>;
  end: () => Promise<void>;
}>;

export function ownerOf(databaseUrl: string): Owner {
  // One connection: questions wait for each other, and what a session is set to stays.
  const pool = new Pool({ connectionString: databaseUrl, max: 1, idleTimeoutMillis: 0 });
  // It may be cut off on purpose.
  pool.on('error', () => undefined);
  return {
    rows: async (sql, values) => (await pool.query(sql, values)).rows,
    end: () => pool.end(),
  };
}

type Line = {
  tenant_id: string;
  exception_id: string;
  seq: number;
  payload: string;
  prev_hash: Buffer;
  hash: Buffer;
};

/** The first thing that is wrong with the history of each exception; written without looking at how it is made. */
export async function historyFlaws(owner: Owner): Promise<string[]> {
  const lines = await owner.rows<Line>('SELECT * FROM history ORDER BY tenant_id, exception_id, seq');
  const heads = await owner.rows('SELECT tenant_id, id, history_seq, history_head FROM exception');
  const histories = new Map<string, Line[]>(heads.map((head) => [`${head['tenant_id']} ${head['id']}`, []]));
  for (const line of lines) {
    const of = `${line.tenant_id} ${line.exception_id}`;
    if (!histories.get(of)?.push(line)) histories.set(of, [line]);
  }
  const ends = new Map(heads.map((head) => [`${head['tenant_id']} ${head['id']}`, head]));
  return [...histories].flatMap(([of, history]) => {
    const broken = firstBroken(history);
    const last = history.at(-1);
    const end = ends.get(of);
    if (broken !== undefined) return [`${of}: line ${broken}`];
    if (!last || !end || end['history_seq'] !== last.seq || !last.hash.equals(end['history_head']))
      return [`${of}: end`];
    return [];
  });
}

function firstBroken(history: readonly Line[]): number | undefined {
  let before: Buffer = Buffer.alloc(32);
  for (const [index, { tenant_id, exception_id, seq, payload, prev_hash, hash }] of history.entries()) {
    const parts = [tenant_id, exception_id, String(seq), before, payload].map((part) => Buffer.from(part));
    const text = Buffer.concat([
      Buffer.from('redress.v1'),
      ...parts.flatMap((p) => [Buffer.from(`${p.length}:`), p]),
    ]);
    const expected = createHash('sha256').update(text).digest();
    if (seq !== index + 1 || !prev_hash.equals(before) || !hash.equals(expected)) return index + 1;
    before = hash;
  }
  return undefined;
}
