import { freshDatabase, type FreshDatabase } from '../support/database';
import { everyCrash, type Crashing } from '../support/crash/crashes';
import { oneAfterTheOther } from '../support/crash/naive';
import { inTheJournal } from '../support/crash/scenarios';
import { historyFlaws, ownerOf } from '../support/owner';
import { shortOrLong } from '../support/seed';

let database: FreshDatabase;
let crashing: Crashing;

beforeAll(async () => {
  database = await freshDatabase();
  crashing = { url: database.url, owner: ownerOf(database.url) };
}, 60_000);

afterAll(async () => {
  await crashing.owner.end();
  await database.drop();
});

describe('a process that dies, or is cut off, before or after anything it does', () => {
  it.each(inTheJournal.map((scenario) => [scenario.name, scenario] as const))(
    'loses and doubles nothing: %s',
    async (_name, scenario) => {
      const { covered, flaws } = await everyCrash(crashing, scenario, shortOrLong(1, 2));
      expect(flaws).toEqual([]);
      expect(covered).toEqual(
        ['killed before', 'killed after', 'cut off before', 'cut off after'].flatMap((how) =>
          scenario.steps.map((step, i) => `${how} ${i + 1}, ${step}`),
        ),
      );
    },
    shortOrLong(60_000, 600_000),
  );

  it('leaves histories that are whole', async () => {
    expect(await historyFlaws(crashing.owner)).toEqual([]);
  });
});

describe('a unit of work that writes one table after the other', () => {
  it.each([
    ['the exception', ['exception']],
    ['the adjustment', ['adjustment']],
    ['the history', ['history']],
    ['the reply', ['reply']],
  ] as const)('is found out where it writes %s first', async (_first, order) => {
    const naive = { ...crashing, unitsOfWork: oneAfterTheOther(order) };
    const scenario = inTheJournal.find(({ name }) => name === 'adjust an entry')!;
    const { flaws } = await everyCrash(naive, scenario);
    expect(flaws).not.toEqual([]);
  });
});
