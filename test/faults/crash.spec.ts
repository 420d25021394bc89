import { DataSource } from 'typeorm';
import { entities } from '../../libs/typeorm/src/entities/entity-schemas';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { everyCrash } from '../support/crash/crashes';
import { HttpLedger } from '../support/crash/http-ledger';
import type { Stage } from '../support/crash/play';
import { askedBeforeItIsReserved, oneAfterTheOther } from '../support/crash/naive';
import { plainPool } from '../support/crash/crashing-pool';
import { inALedger, inTheJournal } from '../support/crash/scenarios';
import { historyFlaws, ownerOf } from '../support/owner';
import { shortOrLong } from '../support/seed';

let database: FreshDatabase;
let stage: Stage;

beforeAll(async () => {
  database = await freshDatabase();
  const { url } = database;
  const owner = ownerOf(url);
  // Processes die here, and not the database: nothing has to wait for its disk.
  await owner.rows(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`);
  const dataSource = await new DataSource({ type: 'postgres', url, entities, poolSize: 1 }).initialize();
  stage = { url, living: plainPool(url), dataSource, owner, ledger: await HttpLedger.start() };
}, 60_000);

afterAll(async () => {
  await stage.ledger.stop();
  await stage.living.end();
  await stage.dataSource.destroy();
  await stage.owner.end();
  await database.drop();
});

describe('a process that dies, or is cut off, before or after anything it does', () => {
  it.each([
    ...inTheJournal.map((scenario) => ['here', scenario.name, scenario] as const),
    ...inALedger.map((scenario) => ['in a ledger', scenario.name, scenario] as const),
  ])(
    'loses and doubles nothing where the books are kept %s: %s',
    async (_where, _name, scenario) => {
      const { covered, flaws } = await everyCrash(stage, scenario, shortOrLong(1, 2));
      expect(flaws).toEqual([]);
      expect(covered).toEqual(
        ['killed after', 'cut off before', 'cut off after'].flatMap((how) =>
          scenario.steps.map((step, i) => `${how} ${i + 1}, ${step}`),
        ),
      );
    },
    shortOrLong(60_000, 3_600_000),
  );

  it('leaves histories that are whole', async () => {
    expect(await historyFlaws(stage.owner)).toEqual([]);
  });
});

describe('a unit of work that writes one table after the other', () => {
  it.each([
    ['the exception', ['exception']],
    ['the adjustment', ['adjustment']],
    ['the history', ['history']],
    ['the reply', ['reply']],
  ] as const)('is found out where it writes %s first', async (_first, order) => {
    const naive = { ...stage, unitsOfWork: oneAfterTheOther(order) };
    const scenario = inTheJournal.find(({ name }) => name === 'adjust an entry')!;
    const { flaws } = await everyCrash(naive, scenario);
    expect(flaws).not.toEqual([]);
  });
});

describe('a ledger that is asked before anything is reserved', () => {
  it('is found to have the same more than once', async () => {
    const { flaws } = await everyCrash(stage, askedBeforeItIsReserved);
    const twice = flaws.filter((flaw) => flaw.includes('has booked the same more than once'));
    expect(twice).toContainEqual(expect.stringMatching(/^killed after \d, POST/));
    expect(twice).not.toContainEqual(expect.stringMatching(/^undisturbed/));
  });
});
