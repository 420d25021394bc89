import assert from 'node:assert/strict';
import type { ExceptionFilter } from '../../ports/exception-filter';
import type { ExceptionSortKey, Position } from '../../ports/reads';
import { assertPages, letters, oddReason, populate, type Population } from './read-population';

export type ReadPromises = Readonly<Record<string, (population: Population) => Promise<void>>>;

const all = letters.join('');
type Filtering = (population: Population) => ExceptionFilter;

/** What a filter chooses of the twelve. */
const chosen: readonly (readonly [string, Filtering, string])[] = [
  ['nothing', () => ({}), all],
  ['a status', () => ({ status: ['OPEN'] }), 'ab'],
  ['statuses', () => ({ status: ['RESOLVED', 'OPEN'] }), 'abjkl'],
  ['no status at all', () => ({ status: [] }), ''],
  ['a severity', () => ({ severity: ['CRITICAL'] }), 'c'],
  ['severities', () => ({ severity: ['LOW', 'HIGH'] }), 'abefhkl'],
  ['an assignee', () => ({ assignedTo: ['ana'] }), 'cj'],
  ['assignees', () => ({ assignedTo: ['ben', 'ana'] }), 'cdegj'],
  ['an assignee in another letter case', () => ({ assignedTo: ['Ana'] }), ''],
  ['what waits for an external system', () => ({ pending: ['external'] }), 'ef'],
  ['what waits for approval or the ledger', () => ({ pending: ['approval', 'ledger'] }), 'ghil'],
  ['what waits since before a time', ({ ago }) => ({ pendingBefore: ago(20) }), 'eg'],
  [
    'what waits for approval for long',
    ({ ago }) => ({ pendingBefore: ago(15), pending: ['approval'] }),
    'gh',
  ],
  ['what is flagged', () => ({ flagged: true }), 'e'],
  ['what is not flagged', () => ({ flagged: false }), 'abcdfghijkl'],
  ['an external system', () => ({ externalSystem: ['JIRA'] }), 'e'],
  ['a reason', () => ({ reason: ['fee'] }), 'a'],
  ['reasons with signs in them', () => ({ reason: [oddReason, 'fee, too'] }), 'c'],
  ['a reason in another letter case and between blanks', () => ({ reason: [' FEE '] }), 'a'],
  ['a source', () => ({ source: ['bank'] }), 'bc'],
  ['a source in another letter case and between blanks', () => ({ source: ['Bank '] }), 'bc'],
  ['a currency', () => ({ currency: ['EUR'] }), 'bcfghjl'],
  ['currencies', () => ({ currency: ['USD', 'JPY'] }), 'de'],
  ['a transaction, in any letter case', (p) => ({ transactionId: [p.transactions.d.toUpperCase()] }), 'd'],
  ['transactions, resolved or not', (p) => ({ transactionId: [p.transactions.a, p.transactions.k] }), 'ak'],
  ['what is unassigned', () => ({ unassigned: true }), 'abfhikl'],
  ['what is assigned', () => ({ unassigned: false }), 'cdegj'],
  ['what is overdue', () => ({ overdue: true }), 'bcgh'],
  ['what is not overdue', () => ({ overdue: false }), 'adefijkl'],
  ['what was raised from a time on', ({ ago }) => ({ createdFrom: ago(90) }), 'abcfghi'],
  ['what was raised before a time', ({ ago }) => ({ createdBefore: ago(90) }), 'dejkl'],
  ['what was raised in a time', ({ ago }) => ({ createdFrom: ago(600), createdBefore: ago(90) }), 'dejk'],
  ['what is due from a time on', ({ ago }) => ({ dueFrom: ago(-30) }), 'aefi'],
  ['what is due before a time', ({ ago }) => ({ dueBefore: ago(1) }), 'bcjkl'],
  ['a least amount', () => ({ amountMin: '100' }), 'bdefj'],
  ['a least amount, to the digit', () => ({ amountMin: '100.0001' }), 'ef'],
  ['a greatest amount', () => ({ amountMax: '0' }), 'cl'],
  ['amounts between two', () => ({ amountMin: '-50.00', amountMax: '20' }), 'cghi'],
  ['amounts beyond all', () => ({ amountMin: '100000000000000000000' }), ''],
  ['the greatest amount there is', () => ({ amountMin: '99999999999999999999.99' }), 'f'],
  ['a word, in any letter case', () => ({ words: ['Fee'] }), 'aj'],
  ['words, wherever they are', () => ({ words: ['refund', 'business'] }), 'j'],
  ['a word of which one part is missing', () => ({ words: ['fee', 'nowhere'] }), ''],
  ['a word with signs that could be patterns', () => ({ words: ['0%_\\'] }), 'c'],
  ['a sign that could be a pattern', () => ({ words: ['%'] }), 'c'],
  ['several at once', () => ({ status: ['OPEN', 'ASSIGNED'], source: ['bank'], overdue: true }), 'bc'],
  ['several that nothing has', () => ({ status: ['OPEN'], assignedTo: ['ana'] }), ''],
];

/** The twelve in ascending order; ties are in the order of ids, so the descending order is the reverse. */
const sorted: Readonly<Record<ExceptionSortKey, string>> = {
  created_at: 'ljkedfcghbia',
  updated_at: 'lkjihgfedcba',
  due_at: 'kjlbcghdefia',
  severity: 'afkdgijbehlc',
  status: 'abcdefghijkl',
  amount: 'aklcgihbdjef',
  id: all,
};

const choices: ReadPromises = Object.fromEntries(
  chosen.map(([name, filter, expected]) => [
    `lists exceptions by ${name}`,
    async (population: Population) => {
      const { harness, tenant, named } = population;
      const page = await harness.reads.exceptions(tenant, filter(population), 'id', {
        limit: 50,
        order: 'asc',
      });
      assert.equal(named(page), expected);
      assert.equal(page.hasMore, false);
      const { total } = await harness.reads.summary(tenant, filter(population));
      assert.equal(total, expected.length);
    },
  ]),
);

const orders: ReadPromises = Object.fromEntries(
  (Object.keys(sorted) as ExceptionSortKey[]).flatMap((key) =>
    (['asc', 'desc'] as const).map((order) => [
      `sorts exceptions by ${key}, ${order}, page by page and back`,
      async ({ harness, tenant, exception }: Population) => {
        const names = order === 'asc' ? [...sorted[key]] : [...sorted[key]].reverse();
        const expected = names.map((name) => exception(name as 'a'));
        for (const limit of [1, 5, 12])
          await assertPages(
            (page) => harness.reads.exceptions(tenant, {}, key, page),
            order,
            limit,
            expected,
          );
      },
    ]),
  ),
);

/** Lists of exceptions: filters, orders and pages. */
export const exceptionLists: ReadPromises = {
  ...choices,
  ...orders,

  'goes on where a page ended, although what it ended with has moved since': async ({ harness }) => {
    const { tenant, named, save, exception } = await populate(harness);
    const read = (position?: Position) =>
      harness.reads.exceptions(tenant, {}, 'severity', {
        ...{ limit: 3, order: 'asc' },
        ...(position && { position }),
      });
    const first = await read();
    assert.equal(named(first), 'afk');
    const state = { ...exception('k'), version: 2, severity: 'CRITICAL' } as const;
    await save((tx) => tx.exceptions.save({ basedOn: 1, state, events: [] }));
    const second = await read(first.next);
    assert.equal(named(second), 'dgi');
    assert.equal(named(await read(second.prev)), 'af');
  },
};
