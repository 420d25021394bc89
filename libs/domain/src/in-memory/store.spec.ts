import { ExceptionDesk } from '../desks/exception-desk';
import type { JobHandlers } from '../ports/background-jobs';
import { aReport, jobContract, sequentialIds, type ContractCase } from '../testing';
import { inMemoryStore, type InMemoryStore } from '.';

const newId = sequentialIds();
const contractOf = (store: InMemoryStore) =>
  jobContract(async () => ({
    store,
    newId,
    until: async (condition) => {
      for (let tries = 0; tries < 3 && !condition(); tries++) await store.jobs.runDue();
      if (!condition()) throw new Error('The jobs have not run.');
    },
  }));
const aStore = (clock = () => new Date()) => inMemoryStore({ clock });

describe('jobs in memory', () => {
  for (const { name, run } of contractOf(aStore())) it(name, run);
});

describe('a store with broken jobs is found out', () => {
  async function brokenPromises(contract: readonly ContractCase[]): Promise<string[]> {
    const broken: string[] = [];
    for (const { name, run } of contract) await run().catch(() => broken.push(name));
    return broken;
  }
  const nothing = async (): Promise<void> => undefined;
  const startingWith = (change: (handlers: JobHandlers) => Partial<JobHandlers>): InMemoryStore => {
    const store = aStore();
    const start = store.jobs.start.bind(store.jobs);
    store.jobs.start = (handlers, options) => start({ ...handlers, ...change(handlers) }, options);
    return store;
  };

  it('that runs no endpoints', async () => {
    expect(await brokenPromises(contractOf(startingWith(() => ({ deliver: nothing }))))).toEqual([
      'runs the job of an endpoint for an event that it is told of',
    ]);
  });

  it('that runs no deadlines', async () => {
    expect(await brokenPromises(contractOf(startingWith(() => ({ deadline: nothing }))))).toEqual([
      'runs the job of a passed deadline, and again when its alarm is set again',
      'finds the deadlines whose jobs are missing',
    ]);
  });

  it('that gives up what failed', async () => {
    const once = ({ dispatch }: JobHandlers) => {
      const begun = new Set<string>();
      return {
        dispatch: async (job: Parameters<typeof dispatch>[0]) => {
          if (begun.has(job.id)) return;
          begun.add(job.id);
          await dispatch(job);
        },
      };
    };
    expect(await brokenPromises(contractOf(startingWith(once)))).toEqual([
      'runs a job again that failed',
      'runs the job of a dispatch anew when a report has put it off',
    ]);
  });

  it('that goes on after it was stopped', async () => {
    const store = aStore();
    const { jobs } = store;
    const start = jobs.start.bind(jobs);
    let first: JobHandlers | undefined;
    // What was started first is never let go.
    jobs.start = (handlers, options) => start((first ??= handlers), options);
    expect(await brokenPromises(contractOf(store))).toContain(
      'begins nothing once it was stopped, and goes on when it is started again',
    );
  });

  it('that forgets what a report has put off', async () => {
    const store = aStore();
    const run = store.desk.run.bind(store.desk);
    store.desk.run = (session, work) =>
      run(session, (tx) =>
        work({
          ...tx,
          dispatches: {
            load: (id) => tx.dispatches.load(id),
            save: ({ state: { nextAttemptAt: _forgotten, ...state }, ...change }) =>
              tx.dispatches.save({ ...change, state }),
          },
        }),
      );
    expect(await brokenPromises(contractOf(store))).toEqual([
      'runs the job of a dispatch anew when a report has put it off',
    ]);
  });

  it('that does not say that it stops', async () => {
    expect(await brokenPromises(contractOf(startingWith(() => ({ stop: nothing }))))).toEqual([
      'begins nothing once it was stopped, and goes on when it is started again',
    ]);
  });
});

describe('a store in memory', () => {
  const at = '2026-03-01T12:00:00.000Z';

  it('runs jobs again and again where it is asked to', async () => {
    let run: (() => Promise<void>) | undefined;
    let ended = false;
    const repeat = (asked: () => Promise<void>) => {
      run = asked;
      return () => void (ended = true);
    };
    const store = inMemoryStore({ clock: () => new Date(at), repeat });
    const log = { error: () => undefined, warn: () => undefined, debug: () => undefined };
    const nothing = async (): Promise<void> => undefined;
    const handlers = {
      dispatch: nothing,
      deadline: nothing,
      deliver: nothing,
      scheduleMissingDeadlines: nothing,
    };
    await store.jobs.start({ ...handlers, idle: nothing, stop: nothing }, { log, graceMs: 1 });
    expect(run).toBeDefined();
    await run?.();
    await store.jobs.stop();
    expect(ended).toBe(true);
  });

  it('lists what its units of work have committed', async () => {
    const store = aStore(() => new Date(at));
    const desk = new ExceptionDesk({ uow: store.desk, clock: () => new Date(at), newId });
    await desk.raise(aReport({ transactionId: newId() }), { tenant: 'acme', actor: 'ana' });
    const { items } = await store.reads.desk.exceptions('acme', {}, 'id', { limit: 10, order: 'asc' });
    expect(items).toHaveLength(1);
    const [line] = (await store.reads.desk.history('acme', items[0]!.id, { limit: 10, order: 'asc' }))!.items;
    expect(line!.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
