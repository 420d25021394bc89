import { newId } from '../../apps/api/src/ids';
import type { Answer } from '../support/app';
import { startTwoProcesses, type TwoProcesses } from '../support/two-processes';
import { bearer, essence, replayed, type Outgoing, type Send } from '../support/http-client';
import { historyFlaws } from '../support/owner';
import { itWithSeed, Randomness, shortOrLong } from '../support/seed';

const rounds = shortOrLong(5, 100);
const runners = 12;

let ours: TwoProcesses;

beforeAll(async () => {
  ours = await startTwoProcesses();
}, 60_000);

afterAll(() => ours.close());

const headers = bearer(`tenant-${newId()}`);

/** What many do at once, and what has to come of it. */
type Race = Readonly<{
  exceptionId: string;
  runner: (index: number) => Outgoing;
  /** What the answers have to be, in any order, as status and title. */
  answers: readonly string[];
  /** What is in the history afterwards, beside what was there before, in this order. */
  events: readonly string[];
}>;

const one = (first: string, ...others: readonly string[]): string[] => [
  first,
  ...Array.from({ length: runners - 1 }, (_, i) => others[i % others.length]!),
];
const all = <T>(answer: T): T[] => Array<T>(runners).fill(answer);

/** How a race is prepared, through one of the doors. */
class Track {
  constructor(private readonly door: Send) {}

  async give(path: string, body: object = {}): Promise<Answer['body']> {
    const answer = await this.door({ path, headers, body: JSON.stringify(body) });
    if (answer.status >= 300) throw new Error(answer.text);
    return answer.body;
  }

  async raised(): Promise<string> {
    return (await this.give('/v1/exceptions', { transactionId: newId(), reason: 'Mismatch' })).id as string;
  }

  async dispatched(): Promise<string> {
    const id = await this.raised();
    await this.give(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'MANUAL' });
    return id;
  }

  async disputed(): Promise<{ exceptionId: string; disputeId: string }> {
    const exceptionId = await this.raised();
    const opening = { category: 'OTHER', description: 'The fee is wrong.' };
    const { id } = await this.give(`/v1/exceptions/${exceptionId}/disputes`, opening);
    return { exceptionId, disputeId: id as string };
  }

  async commented(): Promise<{ exceptionId: string; path: string }> {
    const exceptionId = await this.raised();
    const path = `/v1/exceptions/${exceptionId}/comments`;
    return { exceptionId, path: `${path}/${(await this.give(path, { content: 'Seen.' })).id}` };
  }
}

const ask = (path: string, body: object, more: Record<string, string> = {}): Outgoing => ({
  path,
  headers: { ...headers, ...more },
  body: JSON.stringify(body),
});
const callback = { externalSystem: 'MANUAL', externalIssueId: 'DESK-1', status: 'RESOLVED' };

const races: Readonly<Record<string, (track: Track) => Promise<Race>>> = {
  'assign to the same person': async (track) => {
    const exceptionId = await track.raised();
    return {
      exceptionId,
      runner: () => ask(`/v1/exceptions/${exceptionId}/assign`, { assignee: 'ben' }),
      answers: one('200', '422 already_assigned'),
      events: ['exception.assigned'],
    };
  },
  'edit a comment that all of them saw': async (track) => {
    const { exceptionId, path } = await track.commented();
    return {
      exceptionId,
      runner: (i) => ({ ...ask(path, { content: `Edit ${i}.` }, { 'if-match': '"1"' }), method: 'PATCH' }),
      answers: one('200', '412 stale_version'),
      events: ['comment.edited'],
    };
  },
  'edit a comment one after the other': async (track) => {
    const { exceptionId, path } = await track.commented();
    return {
      exceptionId,
      runner: (i) => ({ ...ask(path, { content: `Edit ${i}.` }), method: 'PATCH' }),
      answers: all('200'),
      events: all('comment.edited'),
    };
  },
  'delete a comment': async (track) => {
    const { exceptionId, path } = await track.commented();
    return {
      exceptionId,
      runner: () => ({ path, headers, method: 'DELETE' }),
      answers: one('204', '404 not_found'),
      events: ['comment.deleted'],
    };
  },
  'submit evidence, each their own': async (track) => {
    const { exceptionId, disputeId } = await track.disputed();
    return {
      exceptionId,
      runner: (i) => ask(`/v1/disputes/${disputeId}/evidence`, { comment: `Page ${i}.` }),
      answers: all('200'),
      events: all('dispute.evidence_submitted'),
    };
  },
  'close a dispute as won': async (track) => {
    const { exceptionId, disputeId } = await track.disputed();
    return {
      exceptionId,
      runner: () => ask(`/v1/disputes/${disputeId}/close`, { won: true, resolution: 'They paid.' }),
      answers: one('200', '422 not_allowed'),
      events: ['dispute.won'],
    };
  },
  'reopen a dispute': async (track) => {
    const { exceptionId, disputeId } = await track.disputed();
    await track.give(`/v1/disputes/${disputeId}/close`, { won: false, resolution: 'They did not pay.' });
    return {
      exceptionId,
      runner: (i) => ask(`/v1/disputes/${disputeId}/reopen`, { reason: `New papers ${i}.` }),
      answers: one('200', '422 not_allowed'),
      events: ['dispute.reopened'],
    };
  },
  'call back under one key': async (track) => {
    const exceptionId = await track.dispatched();
    const key = { 'x-idempotency-key': newId() };
    return {
      exceptionId,
      runner: () => ask(`/v1/exceptions/${exceptionId}/callback`, callback, key),
      answers: all('200'),
      events: ['exception.confirmed'],
    };
  },
  'call back under keys of their own': async (track) => {
    const exceptionId = await track.dispatched();
    return {
      exceptionId,
      runner: () => ask(`/v1/exceptions/${exceptionId}/callback`, callback, { 'x-idempotency-key': newId() }),
      answers: one('200', '422 not_allowed'),
      events: ['exception.confirmed'],
    };
  },
  'recall what was handed over': async (track) => {
    const exceptionId = await track.dispatched();
    return {
      exceptionId,
      runner: () => ({ path: `/v1/exceptions/${exceptionId}/recall`, headers }),
      answers: one('200', '422 not_allowed'),
      events: ['exception.recalled'],
    };
  },
};

const typesOf = async ({ owner }: TwoProcesses, exceptionId: string): Promise<string[]> =>
  (
    await owner.rows<{ type: string }>('SELECT type FROM history WHERE exception_id = $1 ORDER BY seq', [
      exceptionId,
    ])
  ).map(({ type }) => type);

const verdict = ({ status, body }: Answer): string =>
  [status, ...(status >= 300 ? [body.title] : [])].join(' ');

/** Sends all at once, each through one of the two doors. */
const run = (doors: readonly Send[], runner: (index: number) => Outgoing, random: Randomness) =>
  Promise.all(Array.from({ length: runners }, (_, i) => (i < 2 ? doors[i]! : random.pick(doors))(runner(i))));

/** What came of a race, as it should be told; a race that went as it should tells the same twice. */
async function outcome(at: TwoProcesses, prepare: (track: Track) => Promise<Race>, random: Randomness) {
  const race = await prepare(new Track(at.doors[0]!));
  const before = await typesOf(at, race.exceptionId);
  const answers = await run(at.doors, race.runner, random);
  const events = (await typesOf(at, race.exceptionId)).slice(before.length);
  return {
    answers,
    came: { answers: answers.map(verdict).sort(), events },
    wanted: { answers: [...race.answers].sort(), events: [...race.events] },
  };
}

describe(`${runners} who do the same at once through two processes`, () => {
  for (const [name, prepare] of Object.entries(races)) {
    itWithSeed(
      `${name}: it is done as often as it should`,
      async (random) => {
        for (let round = 0; round < rounds; round++) {
          const { came, wanted } = await outcome(ours, prepare, random);
          expect(came).toEqual(wanted);
        }
        expect(await historyFlaws(ours.owner)).toEqual([]);
      },
      shortOrLong(30_000, 600_000),
    );
  }

  itWithSeed('keep all evidence, each piece once', async (random) => {
    const { disputeId } = await new Track(ours.doors[0]!).disputed();
    const pieces = Array.from({ length: runners }, (_, i) => `Page ${i}.`);
    await run(ours.doors, (i) => ask(`/v1/disputes/${disputeId}/evidence`, { comment: pieces[i] }), random);
    const { body } = await ours.doors[1]!({ method: 'GET', path: `/v1/disputes/${disputeId}`, headers });
    const kept = (body.evidence as { comment: string }[]).map(({ comment }) => comment);
    expect(kept.sort()).toEqual(pieces.sort());
    expect(body.version).toBe(runners + 1);
  });

  itWithSeed('are answered alike under one key, and one of them is no replay', async (random) => {
    const { answers } = await outcome(ours, races['call back under one key']!, random);
    expect(new Set(answers.map(essence)).size).toBe(1);
    expect(answers.filter((answer) => replayed(answer) === 'false')).toHaveLength(1);
  });

  itWithSeed(
    'resolve many of the same: each is resolved by one of them',
    async (random) => {
      const track = new Track(ours.doors[0]!);
      for (let round = 0; round < rounds; round++) {
        const ids = await Promise.all(Array.from({ length: 20 }, () => track.raised()));
        const answers = await run(
          ours.doors,
          (i) => {
            const mine = [...ids.slice(i), ...ids.slice(0, i)].slice(0, 15);
            return ask('/v1/exceptions/bulk/resolve', { exceptionIds: mine, resolution: 'ACCEPTED' });
          },
          random,
        );
        expect(answers.map(({ status }) => status)).toEqual(all(200));
        const succeeded = answers.flatMap(({ body }) => body.succeeded as string[]);
        expect(succeeded.sort()).toEqual([...ids].sort());
        for (const id of ids)
          expect(await typesOf(ours, id)).toEqual(['exception.raised', 'exception.resolved']);
      }
      expect(await historyFlaws(ours.owner)).toEqual([]);
    },
    shortOrLong(60_000, 600_000),
  );
});

describe('the same, where a commit does not notice a concurrent commit', () => {
  let naive: TwoProcesses;

  beforeAll(async () => {
    naive = await startTwoProcesses();
    await naive.owner.rows(
      `CREATE OR REPLACE FUNCTION redress_all_or_nothing(expected int8, written int8) RETURNS bool LANGUAGE sql AS 'SELECT true'`,
    );
    // The second line of defense: two lines of a history cannot be in one place.
    await naive.owner.rows('ALTER TABLE history DROP CONSTRAINT history_pkey');
  }, 60_000);

  afterAll(() => naive.close());

  /** Where all are right, the history alone can tell. */
  const allRight = ['edit a comment one after the other', 'submit evidence, each their own'];

  it.each(Object.entries(races).filter(([name]) => !allRight.includes(name)))(
    '%s: it is done too often',
    async (_name, prepare) => {
      const random = new Randomness(4711);
      for (let round = 0; round < 50; round++) {
        const { came, wanted } = await outcome(naive, prepare, random);
        if (came.events.length > wanted.events.length) return;
      }
      throw new Error('nobody was too fast in 50 races');
    },
    30_000,
  );

  it('submit evidence: the history is not whole', async () => {
    for (let round = 0; round < 50; round++) {
      await outcome(naive, races['submit evidence, each their own']!, new Randomness(round));
      if ((await historyFlaws(naive.owner)).length > 0) return;
    }
    throw new Error('nobody was too fast in 50 races');
  }, 30_000);
});
