import { createHash } from 'node:crypto';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type TestApp } from '../support/app';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import { inParallel, itWithSeed, shortOrLong } from '../support/seed';

const exceptions = shortOrLong(40, 400);
const mutations = shortOrLong(200, 1000);

let service: TestApp;
let owner: Owner;

beforeAll(async () => {
  service = await startTestApp();
  owner = ownerOf(service.database.url);
  await workload();
}, 60_000);

afterAll(async () => {
  await owner.end();
  await service.close();
});

/** Exceptions with longer and shorter lives, with disputes, refusals and two at once. */
async function workload(): Promise<void> {
  const people = [service.person(), service.person({ tenant: 'a' }), service.person({ tenant: 'a:1' })];
  await inParallel([...Array(exceptions).keys()], 4, async (i) => {
    const ana = people[i % people.length]!;
    const report = {
      transactionId: newId(),
      reason: `Mismatch ${i}: \u00e9, \u{1f511}, "quoted"`,
      severity: 'LOW',
    };
    const { id } = await ana.raise(report);
    const post = (command: string, body: object) => ana.post(`/v1/exceptions/${id}/${command}`, body);
    await Promise.all(['ben', 'cai', 'dia'].map((assignee) => post('assign', { assignee })));
    await post('unassign', {});
    await post('disputes', { category: 'OTHER', description: 'The fee is wrong' });
    await ana.raise({ ...report, severity: 'HIGH' });
    await post('assign', { assignee: 'eva' });
    if (i % 2) await post('force-match', { overrideReason: 'BUSINESS_DECISION', notes: 'Approved' });
    await post('assign', { assignee: 'eva' });
  });
}

/** Does what no trigger allows, looks, and undoes it. */
async function tampered<T>(
  name: string,
  { tenant_id, exception_id, seq }: Line,
  look: () => Promise<T>,
): Promise<T> {
  await owner.rows('BEGIN');
  try {
    await owner.rows('ALTER TABLE history DISABLE TRIGGER ALL');
    for (const sql of falsifications[name]!) await owner.rows(sql, [tenant_id, exception_id, seq]);
    return await look();
  } finally {
    await owner.rows('ROLLBACK');
  }
}

type Line = { tenant_id: string; exception_id: string; seq: number; n: number };
const one = 'tenant_id = $1 AND exception_id = $2 AND seq = $3';

/** Ways to falsify one line. */
const falsifications: Readonly<Record<string, readonly string[]>> = {
  'another actor': [`UPDATE history SET payload = replace(payload, '"actor":"', '"actor":"x') WHERE ${one}`],
  'one space more': [`UPDATE history SET payload = payload || ' ' WHERE ${one}`],
  'one character of the payload': [
    `UPDATE history SET payload = overlay(payload placing '!' from 9) WHERE ${one}`,
  ],
  'another line before': [`UPDATE history SET prev_hash = sha256(prev_hash) WHERE ${one}`],
  'another hash': [`UPDATE history SET hash = set_byte(hash, 31, 255 - get_byte(hash, 31)) WHERE ${one}`],
  'another place': [`UPDATE history SET seq = seq + 1000 WHERE ${one}`],
  'another exception': [`UPDATE history SET exception_id = gen_random_uuid() WHERE ${one}`],
  'another tenant': [`UPDATE history SET tenant_id = tenant_id || 'x' WHERE ${one}`],
  'a line less': [`DELETE FROM history WHERE ${one}`],
  'a line less, the others moved up': [
    `DELETE FROM history WHERE ${one}`,
    `UPDATE history SET seq = seq + 1000 WHERE ${one.replace('seq =', 'seq >')}`,
    `UPDATE history SET seq = seq - 1001 WHERE ${one.replace('seq =', 'seq > 1000 AND seq >')}`,
  ],
};

const pickLine = `SELECT tenant_id, exception_id, seq, count(*) OVER (PARTITION BY tenant_id, exception_id)::int AS n
                  FROM history ORDER BY tenant_id, exception_id, seq`;

/** What is said to be broken by a verifier that trusts each line to name the one before it. */
async function linesThatDoNotHashAlone(): Promise<number> {
  const lines = await owner.rows('SELECT * FROM history');
  return lines.filter(({ tenant_id, exception_id, seq, prev_hash, payload, hash }) => {
    const sum = createHash('sha256').update('redress.v1');
    for (const part of [tenant_id, exception_id, String(seq), prev_hash, payload])
      sum.update(`${Buffer.byteLength(part)}:`).update(part);
    return !sum.digest().equals(hash);
  }).length;
}

describe('the history of an exception', () => {
  it('is a chain from its first line to its end, one line for each change', async () => {
    expect(await historyFlaws(owner)).toEqual([]);
    const [counted] = await owner.rows(
      `SELECT count(*)::int AS lines, count(DISTINCT (tenant_id, exception_id))::int AS histories,
              count(DISTINCT id)::int AS ids FROM history`,
    );
    expect(counted!['histories']).toBe(exceptions);
    expect(counted!['ids']).toBe(counted!['lines']);
    const [changes] = await owner.rows(
      'SELECT (SELECT sum(version) FROM exception)::int + (SELECT sum(version) FROM dispute)::int AS n',
    );
    // Every version of an exception and of a dispute is one line.
    expect(counted!['lines']).toBe(changes!['n']);
  });

  itWithSeed(
    `is found broken, at the right line, after each of ${mutations} falsifications`,
    async (random) => {
      const lines = await owner.rows<Line>(pickLine);
      const names = Object.keys(falsifications);
      const missed: string[] = [];
      for (let i = 0; i < mutations; i++) {
        const name = names[i % names.length]!;
        const line = random.pick(lines);
        const of = `${line.tenant_id} ${line.exception_id}`;
        const flaws = await tampered(name, line, () => historyFlaws(owner));
        const isLast = line.seq === line.n;
        const found = flaws.includes(`${of}: line ${line.seq}`) || (isLast && flaws.includes(`${of}: end`));
        if (!found) missed.push(`${name} at ${of}: line ${line.seq}: ${flaws.join()}`);
      }
      expect(missed).toEqual([]);
      expect(await historyFlaws(owner)).toEqual([]);
    },
    shortOrLong(60_000, 600_000),
  );

  it('looks whole with a line less, where each line is looked at alone', async () => {
    const line = (await owner.rows<Line>(pickLine)).find(({ seq, n }) => seq > 1 && seq < n)!;
    const found = await tampered('a line less', line, async () => ({
      alone: await linesThatDoNotHashAlone(),
      chained: (await historyFlaws(owner)).length,
    }));
    expect(found).toEqual({ alone: 0, chained: 1 });
  });

  it('cannot lose its last lines, since the exception knows where it ends', async () => {
    const last = (await owner.rows<Line>(pickLine)).find(({ seq, n }) => seq === n)!;
    const flaws = await tampered('a line less', last, () => historyFlaws(owner));
    expect(flaws).toEqual([`${last.tenant_id} ${last.exception_id}: end`]);
  });
});

describe('what is kept for good', () => {
  const attempts = ['history', 'adjustment', 'evidence'].flatMap((table) => [
    `UPDATE ${table} SET id = gen_random_uuid()`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table} CASCADE`,
  ]);

  beforeAll(async () => {
    const ana = service.person();
    const { id } = await ana.raise();
    await ana.post(`/v1/exceptions/${id}/adjust-entry`, {
      amount: 1.5,
      currency: 'BRL',
      effectiveAt: '2025-01-15T10:30:00.000Z',
      reasonCode: 'FEE_ADJUSTMENT',
      notes: 'Fee',
    });
    const opened = await ana.post(`/v1/exceptions/${id}/disputes`, { category: 'OTHER', description: 'x' });
    await owner.rows(
      `INSERT INTO evidence VALUES ($1, gen_random_uuid(), $2, 'See the invoice', NULL, 'ana', now())`,
      [ana.tenant, opened.body.id],
    );
  });

  const refusal = async (sql: string): Promise<string> =>
    owner.rows(sql).then(
      () => 'done',
      (error: unknown) => (error as { code?: string }).code ?? '',
    );

  for (const role of ['origin', 'replica', 'local']) {
    it.each(attempts)(`refuses %s even to the owner, in a session that plays ${role}`, async (sql) => {
      await owner.rows(`SET session_replication_role = ${role}`);
      const answer = await refusal(sql);
      await owner.rows('RESET session_replication_role');
      expect(answer).toBe('RD002');
    });
  }

  it.each(attempts)('is not for the application to touch: %s', async (sql) => {
    await owner.rows('SET ROLE redress_app');
    const answer = await refusal(sql);
    await owner.rows('RESET ROLE');
    expect(answer).toBe('42501');
  });

  it('would change silently in a replica session under an ordinary trigger', async () => {
    await owner.rows(
      `CREATE TABLE naive (n int); INSERT INTO naive VALUES (1);
       CREATE TRIGGER keeps BEFORE UPDATE OR DELETE ON naive FOR EACH ROW EXECUTE FUNCTION redress_refuse_change()`,
    );
    expect(await refusal('DELETE FROM naive')).toBe('RD002');
    await owner.rows('SET session_replication_role = replica');
    const answer = await refusal('DELETE FROM naive');
    await owner.rows('RESET session_replication_role');
    expect(answer).toBe('done');
  });
});
