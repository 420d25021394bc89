import { Pool } from 'pg';
import { newId } from '../../apps/api/src/ids';
import { startTwoProcesses, type TwoProcesses } from '../support/two-processes';
import { bearer } from '../support/http-client';
import { historyFlaws } from '../support/owner';
import { itWithSeed, shortOrLong, type Randomness } from '../support/seed';

const rounds = shortOrLong(20, 500);
const writers = 50;

let pair: TwoProcesses;

beforeAll(async () => {
  pair = await startTwoProcesses({ DATABASE_POOL: '50' });
}, 60_000);

afterAll(() => pair.close());

const headers = bearer(`tenant-${newId()}`);
const report = () => JSON.stringify({ transactionId: newId(), reason: 'Mismatch' });
const each = <T>(work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: writers }, (_, i) => work(i)));

async function raised(): Promise<string> {
  const { body } = await pair.doors[0]!({ path: '/v1/exceptions', headers, body: report() });
  return body.id as string;
}

const assign = (id: string, index: number, random: Randomness, ifMatch?: string) =>
  random.pick(pair.doors)({
    path: `/v1/exceptions/${id}/assign`,
    headers: { ...headers, ...(ifMatch !== undefined && { 'if-match': ifMatch }) },
    body: JSON.stringify({ assignee: `person-${index}@example.com` }),
  });

/** How many of the writers, each of whom saw the same version, were let in. */
async function letIn(write: (index: number) => Promise<{ status: number }>): Promise<number> {
  const answers = await each(write);
  return answers.filter(({ status }) => status === 200).length;
}

describe(`${writers} writers of one exception`, () => {
  itWithSeed(
    `who saw the same version: one is let in, the others learn both versions, ${rounds} times over`,
    async (random) => {
      for (let round = 0; round < rounds; round++) {
        const id = await raised();
        const answers = await each((i) => assign(id, i, random, '"1"'));
        const outcomes = answers
          .map(({ status, body }) => JSON.stringify([status, body.title, body.details]))
          .sort();
        const refused = JSON.stringify([412, 'stale_version', { expected: 1, actual: 2 }]);
        expect(outcomes).toEqual(['[200,null,null]', ...Array<string>(writers - 1).fill(refused)]);
        const winner = answers.find(({ status }) => status === 200)!;
        const now = await pair.doors[0]!({ method: 'GET', path: `/v1/exceptions/${id}`, headers });
        expect([now.body.version, now.body.assignedTo]).toEqual([2, winner.body.assignedTo]);
      }
      expect(await historyFlaws(pair.owner)).toEqual([]);
    },
    shortOrLong(60_000, 1_800_000),
  );

  it('who saw the same version are all let in where the update does not ask for it', async () => {
    await pair.owner.rows('CREATE TABLE naive (id int, version int); INSERT INTO naive VALUES (1, 1)');
    const pool = new Pool({ connectionString: pair.database.url, max: 20 });
    const naive = async () => {
      const { rows } = await pool.query<{ version: number }>('SELECT version FROM naive WHERE id = 1');
      if (rows[0]!.version !== 1) return { status: 412 };
      await pool.query('UPDATE naive SET version = version + 1 WHERE id = 1');
      return { status: 200 };
    };
    expect(await letIn(naive)).toBeGreaterThan(1);
    await pool.end();
    const random = { pick: <T>(from: readonly T[]) => from[0]! } as Randomness;
    const id = await raised();
    expect(await letIn((i) => assign(id, i, random, '"1"'))).toBe(1);
  });

  itWithSeed(
    'who do not say what they saw: all are let in, one after the other',
    async (random) => {
      const id = await raised();
      const answers = await each((i) => assign(id, i, random));
      expect(answers.filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([]);
      const versions = answers.map(({ body }) => body.version as number).sort((a, b) => a - b);
      expect(versions).toEqual(Array.from({ length: writers }, (_, i) => i + 2));
      expect(await historyFlaws(pair.owner)).toEqual([]);
    },
    30_000,
  );

  itWithSeed(
    'are counted exactly, when what they report is the same',
    async (random) => {
      for (let round = 0; round < rounds / 4; round++) {
        const body = report();
        const answers = await each(() => random.pick(pair.doors)({ path: '/v1/exceptions', headers, body }));
        expect(answers.filter(({ status }) => status > 201).map(({ text }) => text)).toEqual([]);
        const statuses = answers.map(({ status }) => status).sort();
        expect(statuses).toEqual([...Array<number>(writers - 1).fill(200), 201]);
        const counts = answers
          .map(({ body: exception }) => exception.seenCount as number)
          .sort((a, b) => a - b);
        expect(counts).toEqual(Array.from({ length: writers }, (_, i) => i + 1));
      }
      expect(await historyFlaws(pair.owner)).toEqual([]);
    },
    30_000,
  );
});
