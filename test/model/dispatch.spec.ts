import { attemptDelaysMs, defaultLookupPolicies } from '@redress/domain/integrations';
import { newId } from '../../apps/api/src/ids';
import {
  blind,
  deluded,
  naively,
  roughWeather,
  simulate,
  UnboundedUnitOfWork,
  World,
  type Weather,
} from '../support/dispatch-world';
import { itWithSeed, shortOrLong } from '../support/seed';

const schedules = shortOrLong(500, 100_000);
/** Of the long form. */
const longest = 60 * 60_000;
const { settleMs } = defaultLookupPolicies.JIRA;
const hour = 3_600_000;

const duplicatesIn = ({ tickets }: World): number => Math.max(tickets.length - 1, 0);

describe('a ticket system that loses, delays, fails after the effect, and processes that crash', () => {
  itWithSeed(
    'never get two tickets out of one dispatch, and the one there is gets known',
    async (random) => {
      let created = 0;
      for (let i = 0; i < schedules; i++) {
        const world = new World(random, roughWeather);
        const { dispatch, exception } = await simulate(world);
        expect(duplicatesIn(world)).toBe(0);
        const [ticket] = world.tickets;
        // An answer that names it counts, also when it comes late.
        if (world.named !== undefined) expect(dispatch.externalReference).toBe(world.named);
        if (dispatch.state === 'CONFIRMED') {
          expect(dispatch.externalReference).toBe(ticket?.reference);
          expect(exception.externalIssueId).toBe(ticket?.reference);
          created++;
        } else {
          expect(['FAILED', 'DEAD']).toContain(dispatch.state);
          // Only what can never be looked up may have been left there, and then it is shown as dead.
          if (ticket) expect(dispatch.state).toBe('DEAD');
          if (dispatch.state === 'FAILED')
            expect([exception.status, exception.externalSystem]).toEqual(['OPEN', undefined]);
        }
      }
      expect(created).toBeGreaterThan(schedules * 0.9);
    },
    longest,
  );

  itWithSeed('get many out of whoever sends again, also after a look', async (random) => {
    for (const lookFirst of [false, true]) {
      let duplicates = 0;
      for (let i = 0; i < 500; i++) {
        const world = new World(random, roughWeather);
        naively(world, newId(), lookFirst);
        duplicates += duplicatesIn(world);
      }
      expect(duplicates).toBeGreaterThan(10);
    }
  });
});

describe('a search that hides a ticket for longer than the service expects', () => {
  itWithSeed(
    'leaves no duplicate without its flag',
    async (random) => {
      let duplicates = 0;
      for (let i = 0; i < schedules; i++) {
        const lagMs = settleMs + random.below(20 * hour);
        const weather = {
          ...roughWeather,
          lostAnswer: 0.3,
          refused: 0,
          lookupFails: 0,
          crashAfterCall: 0,
          lagMs,
        };
        const world = new World(random, weather);
        const { dispatch } = await simulate(world);
        const flagged = [dispatch.externalReference, ...(dispatch.duplicates ?? [])].filter(
          (r) => r !== undefined,
        );
        if (dispatch.state === 'CONFIRMED')
          expect(flagged.sort()).toEqual(world.tickets.map(({ reference }) => reference).sort());
        duplicates += duplicatesIn(world);
      }
      // Otherwise nothing was put to the test.
      expect(duplicates).toBeGreaterThan(10);
    },
    longest,
  );
});

describe('what was sent', () => {
  itWithSeed(
    'is not sent again after a refusal, nor in doubt before it has settled',
    async (random) => {
      for (let i = 0; i < schedules; i++) {
        const world = new World(random, { ...roughWeather, refused: 0.1, lostAnswer: 0.2 });
        await simulate(world);
        const sends = world.trace.filter(({ did }) => did === 'send');
        for (const [n, send] of sends.entries()) {
          const next = sends[n + 1];
          if (!next) continue;
          expect(send.outcome).not.toBe('refused');
          const between = world.trace.filter(
            ({ did, at }) => did === 'look' && at >= send.at && at <= next.at,
          );
          const empty = between.filter(({ outcome }) => outcome === 'none');
          expect(next.at - send.at).toBeGreaterThanOrEqual(settleMs);
          expect(empty.length).toBeGreaterThanOrEqual(3);
        }
      }
    },
    longest,
  );

  itWithSeed(
    'arrives at a receiver that de-duplicates, however often it takes, under one id',
    async (random) => {
      let mostSends = 0;
      for (let i = 0; i < schedules; i++) {
        const world = new World(random, { ...roughWeather, refused: 0, lostOnTheWay: 0.3, lostAnswer: 0.3 });
        const { dispatch } = await simulate(world, 'WEBHOOK');
        if (dispatch.state !== 'CONFIRMED')
          expect([dispatch.state, dispatch.sends]).toEqual(['DEAD', attemptDelaysMs.length]);
        expect(dispatch.doubtfulSends).toBe(0);
        expect(new Set(world.tickets.map(({ correlationId }) => correlationId)).size).toBe(1);
        mostSends = Math.max(mostSends, dispatch.sends);
      }
      // The bound on resends does not apply where repeating is the protocol.
      expect(mostSends).toBeGreaterThan(2);
    },
    longest,
  );
});

const answersLost = {
  lostOnTheWay: 0.1,
  lostAnswer: 0.3,
  errorAfterEffect: 0.15,
  notSent: 0.1,
  redriven: 0.2,
};

/** Where absence cannot be told from blindness. */
const badWeathers: Readonly<Record<string, Partial<Weather>>> = {
  'an account that may create but not read': { noReference: 0.8, redriven: 0.2 },
  'a blind search, with answers lost': answersLost,
  'both, more crashes, and fields refused': {
    ...answersLost,
    noReference: 0.5,
    fieldsRefused: 0.5,
    crashBeforeCall: 0.1,
    crashAfterCall: 0.15,
  },
};
const blindSchedules = shortOrLong(1_000, 100_000);
const boundedSchedules = shortOrLong(2_000, 100_000);

describe.each(Object.entries(badWeathers))('%s', (_name, bad) => {
  itWithSeed(
    'makes one ticket at most, also when it is redriven, and leaves what is in doubt to a person',
    async (random) => {
      let [dead, made] = [0, 0];
      for (let i = 0; i < blindSchedules; i++) {
        const world = new World(random, { ...roughWeather, ...bad, ...blind });
        const { dispatch } = await simulate(world, random.pick(['JIRA', 'SERVICENOW']));
        expect(world.tickets.length).toBeLessThanOrEqual(1);
        const mayBeThere = dispatch.doubtfulSends > 0 || dispatch.receivedAt !== undefined;
        if (dispatch.state === 'DEAD' && mayBeThere)
          expect(dispatch.lastError).toMatch(/Check in the external system/);
        if (world.named !== undefined) expect(dispatch.externalReference).toBe(world.named);
        // What is there is known, or waits for a person.
        if (world.tickets.length > 0) expect(['CONFIRMED', 'DEAD']).toContain(dispatch.state);
        dead += Number(dispatch.state === 'DEAD' && mayBeThere);
        made += world.tickets.length;
      }
      // Otherwise nothing was put to the test.
      expect(dead).toBeGreaterThan(10);
      expect(made).toBeGreaterThan(blindSchedules / 2);
    },
    longest,
  );

  itWithSeed(
    'makes one ticket at most where the account is proven to see what it creates',
    async (random) => {
      let [resent, unproven] = [0, 0];
      for (let i = 0; i < blindSchedules; i++) {
        // Some accounts see what they create, and nothing proves it.
        const world = new World(random, { ...roughWeather, ...bad, provesSight: 0.7 });
        const { dispatch } = await simulate(world, random.pick(['JIRA', 'SERVICENOW']));
        expect(world.tickets.length).toBeLessThanOrEqual(1);
        expect(dispatch.duplicates ?? []).toEqual([]);
        if (world.isSightProven) resent += Number(dispatch.doubtfulSends > 1);
        else unproven += Number(dispatch.state === 'DEAD');
      }
      expect(resent).toBeGreaterThan(5);
      expect(unproven).toBeGreaterThan(5);
    },
    longest,
  );

  const weather: Weather = { ...roughWeather, ...bad, ...deluded };

  itWithSeed(
    'makes two tickets at most, none after a recorded success, also when it is redriven',
    async (random) => {
      const ends = new Map<string, number>();
      let second = 0;
      for (let i = 0; i < boundedSchedules; i++) {
        const world = new World(random, weather);
        const { dispatch } = await simulate(world, random.pick(['JIRA', 'SERVICENOW']));
        // These made nothing for sure. A refused resend of a doubtful send is DEAD, and only a redrive goes on from there.
        const madeNothing = world.trace.filter(
          ({ did, outcome }) => did === 'send' && (outcome === 'not_sent' || outcome === 'refused'),
        ).length;
        expect(world.tickets.length).toBeLessThanOrEqual(2);
        expect(world.createdAfterSuccess).toBe(0);
        expect(dispatch.sends).toBeLessThanOrEqual(2 + madeNothing);
        second += Number(world.tickets.length > 1);
        ends.set(dispatch.state, (ends.get(dispatch.state) ?? 0) + 1);
        if (dispatch.state === 'DEAD' && (dispatch.receivedAt !== undefined || dispatch.doubtfulSends === 2))
          expect(dispatch.lastError).toMatch(/Check in the external system/);
      }
      // Otherwise nothing was put to the test.
      expect(second).toBeGreaterThan(10);
      expect(ends.get('DEAD')).toBeGreaterThan(10);
    },
    longest,
  );

  itWithSeed('makes more than two, and some after a success, without the bound', async (random) => {
    const counts: number[] = [];
    let afterSuccess = 0;
    for (let i = 0; i < 500; i++) {
      const world = new World(random, weather);
      await simulate(world, 'JIRA', new UnboundedUnitOfWork());
      counts.push(world.tickets.length);
      afterSuccess += world.createdAfterSuccess;
    }
    expect(Math.max(...counts)).toBeGreaterThan(2);
    if (weather.noReference > 0) expect(afterSuccess).toBeGreaterThan(10);
  });
});
