import { newId } from '../../apps/api/src/ids';
import type { Answer } from '../support/app';
import { startTwoProcesses, type TwoProcesses } from '../support/two-processes';
import { bearer, essence, replayed, type Outgoing, type Send } from '../support/http-client';
import { naiveKeys } from '../support/naive-keys';
import { historyFlaws } from '../support/owner';
import { inParallel, itWithSeed, shortOrLong, type Randomness } from '../support/seed';

const keys = shortOrLong(200, 1000);
const repeats = shortOrLong(5, 50);
const keysAtATime = 10;

let pair: TwoProcesses;

beforeAll(async () => {
  pair = await startTwoProcesses();
}, 60_000);

afterAll(() => pair.close());

type Work = Readonly<{ kind: string; request: Outgoing; effects: () => Promise<number> }>;

const one = async (sql: string, value: string): Promise<number> =>
  Number((await pair.owner.rows(sql, [value]))[0]!['n'] ?? 0);

const kinds: Readonly<Record<string, (headers: Record<string, string>) => Promise<Work>>> = {
  raise: async (headers) => {
    const transactionId = newId();
    return {
      kind: 'raise',
      request: {
        path: '/v1/exceptions',
        headers,
        body: JSON.stringify({ transactionId, reason: 'Amount mismatch detected' }),
      },
      effects: () =>
        one('SELECT sum(seen_count) AS n FROM exception WHERE transaction_id = $1', transactionId),
    };
  },
  forceMatch: async (headers) => {
    const id = await raised(headers);
    const body = JSON.stringify({ overrideReason: 'BUSINESS_DECISION', notes: 'Approved' });
    return {
      kind: 'force-match',
      request: { path: `/v1/exceptions/${id}/force-match`, headers, body },
      effects: () =>
        one(
          `SELECT count(*) AS n FROM history WHERE exception_id = $1 AND type = 'exception.force_matched'`,
          id,
        ),
    };
  },
  openDispute: async (headers) => {
    const id = await raised(headers);
    const body = JSON.stringify({ category: 'OTHER', description: 'The fee is wrong' });
    return {
      kind: 'open dispute',
      request: { path: `/v1/exceptions/${id}/disputes`, headers, body },
      effects: () => one('SELECT count(*) AS n FROM dispute WHERE exception_id = $1', id),
    };
  },
};

async function raised({ authorization }: Record<string, string>): Promise<string> {
  const body = JSON.stringify({ transactionId: newId(), reason: 'Amount mismatch detected' });
  const answer = await pair.doors[0]!({
    path: '/v1/exceptions',
    headers: { authorization: authorization! },
    body,
  });
  return answer.body.id as string;
}

/** Sends each of many requests several times at once through both doors, and says what was wrong with it. */
async function wrongs(through: readonly Send[], howMany: number, random: Randomness): Promise<string[]> {
  const { authorization } = bearer(`tenant-${newId()}`);
  const found = await inParallel([...Array(howMany).keys()], keysAtATime, async (index) => {
    const headers = { authorization, 'x-idempotency-key': `key-${newId()}` };
    const work = await Object.values(kinds)[index % 3]!(headers);
    const answers = await Promise.all(
      Array.from({ length: repeats }, (_, i) => {
        const door = i < 2 ? through[i]! : random.pick(through);
        return door(work.request);
      }),
    );
    return [...wrongAnswers(answers), ...wrongEffects(await work.effects())].map(
      (wrong) => `${work.kind}: ${wrong}`,
    );
  });
  return found.flat();
}

function wrongAnswers(answers: readonly Answer[]): string[] {
  const different = new Set(answers.map(essence)).size;
  const first = answers.filter((answer) => replayed(answer) === 'false').length;
  const refused = answers.filter(({ status }) => status >= 300);
  return [
    ...(different === 1 ? [] : [`${different} different answers`]),
    ...(first === 1 ? [] : [`${first} answers that are no replay`]),
    ...refused.map(({ status, text }) => `${status} ${text}`),
  ];
}

const wrongEffects = (effects: number): string[] => (effects === 1 ? [] : [`${effects} effects`]);

describe('one request, sent several times at once through two processes', () => {
  itWithSeed(
    `takes effect once and is answered alike, for ${keys} keys of ${repeats} requests each`,
    async (random) => {
      expect(await wrongs(pair.doors, keys, random)).toEqual([]);
      expect(await historyFlaws(pair.owner)).toEqual([]);
    },
    shortOrLong(60_000, 1_800_000),
  );

  itWithSeed(
    'takes effect more than once where each process remembers by itself',
    async (random) => {
      const naive = pair.doors.map((send) => naiveKeys(send));
      const found = await wrongs(naive, 15, random);
      expect(found.filter((wrong) => wrong.startsWith('raise:') && wrong.endsWith(' effects'))).not.toEqual(
        [],
      );
      expect(found.filter((wrong) => wrong.includes('no replay'))).not.toEqual([]);
      expect(found.filter((wrong) => wrong.includes('different answers'))).not.toEqual([]);
    },
    60_000,
  );
});
