import fc from 'fast-check';
import { games, play } from '../support/books-games';
import type { Faults } from '../support/crashing-desks';
import { itWithSeed, shortOrLong } from '../support/seed';

const length = 80;

/** What goes wrong in the shortest of so many games that goes wrong, with its seed; and what happened in all of them. */
async function played(count: number, seed: number, faults?: Faults) {
  const happened = new Set<string>();
  const property = fc.asyncProperty(games(length), async (game) => {
    const played = await play(game, faults);
    for (const what of played.happened) happened.add(what);
    const [flaw] = played.flaws;
    if (flaw !== undefined) throw new Error(flaw);
  });
  const run = await fc.check(property, { numRuns: count, seed });
  const report = run.failed ? `${String(run.errorInstance)}\n${fc.defaultReportMessage(run)}` : 'nothing';
  return { report, happened };
}

describe('whatever people do, and whichever process dies', () => {
  const count = shortOrLong(1000, 100_000);

  itWithSeed(
    `is booked once, by enough people, and ends, in ${count} games of up to ${length} steps`,
    async (_random, seed) => {
      const { report, happened } = await played(count, seed);
      expect(report).toBe('nothing');
      // Otherwise nothing was put to the test.
      expect([...happened]).toEqual(expect.arrayContaining(happenings));
    },
    shortOrLong(120_000, 6 * 3_600_000),
  );

  it.each([
    ['replies are forgotten', { forgetsReplies: true }, /and then|nobody was told/],
    ['proposers may approve', { letsProposersIn: true }, /approved by who made it/],
    ['reversals take one person', { reversesAlone: true }, /adjustment_reversed of .* evaded a rule/],
    ['reports take nobody', { trustsReports: true }, /evaded a rule/],
    ['nobody rings the alarms', { neverRings: true }, /pending past its deadline/],
    ['each attempt has an id of its own', { postsUnderNewIds: true }, /is of nothing that is known here/],
  ] as const)(
    'is found out, with its seed, where %s',
    async (_what, faults, flaw) => {
      const { report } = await played(500, 4711, faults);
      expect(report).toMatch(/seed: 4711/);
      expect(report).toMatch(flaw);
    },
    60_000,
  );
});

const happenings = [
  ...['exception.force_matched naming others', 'exception.confirmed naming others by redress:dispatcher'],
  ...['exception.force_matched', 'exception.entry_adjusted', 'exception.resolved'],
  ...['exception.resolution_proposed', 'exception.approval_given', 'exception.confirmed'],
  ...['exception.returned', 'exception.recalled', 'exception.returned by redress:approvals'],
  'exception.waits_too_long by redress:deadlines',
  ...['exception.adjustment_reversed', 'exception.reversal_linked', 'dispatch.redriven'],
  'exception.reversal_proposed',
  'exception.dispatched',
  ...['exception.confirmed by redress:dispatcher', 'exception.returned by redress:dispatcher'],
  ...['dispatch.confirmed by external:LEDGER', 'dispatch.failed by external:LEDGER'],
  ...['commit', 'call', 'exceptions.load', 'exceptions.save', 'dispatches.save', 'replies.remember'].map(
    (step) => `death over ${step}`,
  ),
];
