import assert from 'node:assert/strict';
import { aComment, aDispatch, aDispute, now } from '../builders';
import type { ReadPromises } from './exception-lists';
import { assertPages, populate, type Population } from './read-population';
import { present } from './setting';

const page = { limit: 50, order: 'asc' } as const;

/** Each list of what belongs to one exception. */
const readsOf = ({ harness: { reads }, tenant }: Population, id: string) => [
  () => reads.history(tenant, id, page),
  () => reads.adjustments(tenant, id),
  () => reads.forcedMatches(tenant, id),
  () => reads.dispatches(tenant, id),
  () => reads.comments(tenant, id, page),
];

/** What belongs to one exception, and lists of disputes and adjustments. Each case has a tenant of its own. */
export const exceptionDetails: ReadPromises = {
  'knows no details of an exception that does not exist, or is of another tenant': async (population) => {
    const other = await populate(population.harness);
    const { newId } = population.harness;
    for (const id of ['', 'x', '\u0000', newId(), other.ids.a])
      for (const read of readsOf(population, id)) assert.equal(await read(), undefined);
    for (const id of [population.ids.a, population.ids.a.toUpperCase()])
      for (const read of readsOf(population, id)) assert.notEqual(await read(), undefined);
  },

  'shows nothing of another tenant in any list': async ({ harness, ids }) => {
    const tenant = `tenant ${harness.newId()}`;
    const { reads, approvals } = harness;
    const empty = { items: [], hasMore: false };
    assert.deepEqual(await reads.exceptions(tenant, {}, 'id', page), empty);
    assert.deepEqual(await reads.disputes(tenant, { exceptionId: [ids.a] }, 'id', page), empty);
    assert.deepEqual(await reads.allAdjustments(tenant, {}, 'id', page), { ...empty, totals: [] });
    assert.deepEqual(await approvals.pending(tenant, {}, page), empty);
    assert.equal((await reads.summary(tenant, {})).total, 0);
  },

  'lists a history line by line, each chained to the one before': async ({ harness }) => {
    const { tenant, ids, save, event, exception } = await populate(harness);
    const events = [event(ids.a, { version: 2 }), event(ids.a, { version: 3 }), event(ids.a, { version: 4 })];
    for (const [i, line] of events.entries()) {
      const state = { ...exception('a'), version: i + 2 };
      await save((tx) => tx.exceptions.save({ basedOn: i + 1, state, events: [line] }));
    }
    const { items: lines, head } = present(await harness.reads.history(tenant, ids.a, page));
    assert.deepEqual(head, { seq: 4, hash: lines[3]?.hash });
    assert.deepEqual(present(await harness.reads.history(tenant, ids.a, { ...page, limit: 1 })).head, head);
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      [1, 2, 3, 4],
    );
    assert.deepEqual(
      lines.slice(1).map((line) => line.event),
      events,
    );
    for (const [i, line] of lines.entries()) {
      assert.match(line.hash, /^[0-9a-f]{64}$/);
      assert.equal(line.prevHash, lines[i - 1]?.hash ?? '0'.repeat(64));
    }
    for (const order of ['asc', 'desc'] as const)
      await assertPages(
        async (request) => present(await harness.reads.history(tenant, ids.a, request)),
        order,
        2,
        order === 'asc' ? lines : [...lines].reverse(),
      );
  },

  'lists comments by their age, without deleted ones': async ({ harness }) => {
    const { tenant, ids, save, ago } = await populate(harness);
    const comments = [1, 2, 3, 4].map((i) =>
      aComment({ id: harness.newId(), exceptionId: ids.a, content: `Comment ${i}`, createdAt: ago(i) }),
    );
    for (const state of comments) await save((tx) => tx.comments.save({ basedOn: 0, state, events: [] }));
    const [first, gone, ...rest] = comments;
    const deleted = { ...present(gone), version: 2, deletedAt: ago(0) };
    await save((tx) => tx.comments.save({ basedOn: 1, state: deleted, events: [] }));
    const left = [present(first), ...rest];
    for (const order of ['asc', 'desc'] as const)
      await assertPages(
        async (request) => present(await harness.reads.comments(tenant, ids.a, request)),
        order,
        2,
        order === 'asc' ? left : [...left].reverse(),
      );
    assert.deepEqual(present(await harness.reads.comments(tenant, ids.b, page)).items, []);
  },

  'lists dispatches in the order in which they were reserved, each with its attempts': async ({
    harness,
  }) => {
    const { tenant, ids, save, exception } = await populate(harness);
    const dispatches = (['JIRA', 'SERVICENOW'] as const).map((target) =>
      aDispatch({ id: harness.newId(), exceptionId: ids.a, target }),
    );
    for (const [i, dispatch] of dispatches.entries()) {
      const state = { ...exception('a'), version: i + 2 };
      await save((tx) => tx.exceptions.save({ basedOn: i + 1, state, events: [], dispatch }));
    }
    const attempts = (['unknown', 'not_sent'] as const).map((outcome) => {
      const { id: dispatchId, exceptionId } = present(dispatches[1]);
      const of = { id: harness.newId(), dispatchId, exceptionId };
      return { ...of, at: now, kind: 'send', outcome, problem: 'It “broke”.' } as const;
    });
    for (const [i, attempt] of attempts.entries()) {
      const state = { ...present(dispatches[1]), version: i + 2 };
      await save((tx) => tx.dispatches.save({ basedOn: i + 1, state, events: [], attempt }));
    }
    const [first, second] = dispatches;
    assert.deepEqual(await harness.reads.dispatches(tenant, ids.a), [
      { dispatch: first, attempts: [] },
      { dispatch: { ...second, version: 3 }, attempts },
    ]);
    assert.deepEqual(await harness.reads.dispatches(tenant, ids.b), []);
  },

  'lists disputes, with a count of their evidence': async ({ harness }) => {
    const { tenant, ids, save, ago } = await populate(harness);
    const disputes = (['OPEN', 'WON', 'OPEN', 'LOST'] as const).map((state, i) => {
      const id = harness.newId();
      const submitted = { comment: 'The contract.', submittedBy: 'ana', submittedAt: ago(2) };
      return aDispute({
        ...{ id, exceptionId: i < 2 ? ids.a : ids.b, state },
        ...{ category: i % 2 ? 'OTHER' : 'BANK_FEE_ERROR', openedBy: i ? 'ben' : 'ana' },
        ...{ createdAt: ago(i < 2 ? 5 : 3), updatedAt: ago(4 - i) },
        evidence: Array.from({ length: i }, () => ({ id: harness.newId(), disputeId: id, ...submitted })),
      });
    });
    for (const state of disputes) await save((tx) => tx.disputes.save({ basedOn: 0, state, events: [] }));
    const { reads } = harness;
    const listed = disputes.map(({ evidence, ...dispute }) => ({
      ...dispute,
      evidenceCount: evidence.length,
    }));
    const found = async (filter: Parameters<typeof reads.disputes>[1]) =>
      (await reads.disputes(tenant, filter, 'id', page)).items.map(({ id }) =>
        listed.findIndex((one) => one.id === id),
      );
    assert.deepEqual(await found({}), [0, 1, 2, 3]);
    assert.deepEqual(await found({ state: ['WON', 'LOST'] }), [1, 3]);
    assert.deepEqual(await found({ category: ['OTHER'] }), [1, 3]);
    assert.deepEqual(await found({ exceptionId: [ids.b.toUpperCase()] }), [2, 3]);
    assert.deepEqual(await found({ openedBy: ['ana'] }), [0]);
    assert.deepEqual(await found({ createdFrom: ago(3) }), [2, 3]);
    assert.deepEqual(await found({ createdBefore: ago(3) }), [0, 1]);
    // 1 is WON and 3 is LOST, and both are about something else than 0 and 2.
    const ranked = [listed[0], listed[2], listed[1], listed[3]].filter((one) => one !== undefined);
    for (const key of ['id', 'created_at', 'updated_at', 'state', 'category'] as const)
      for (const order of ['asc', 'desc'] as const) {
        const sorted = key === 'state' || key === 'category' ? ranked : listed;
        await assertPages(
          (request) => reads.disputes(tenant, {}, key, request),
          order,
          3,
          order === 'asc' ? sorted : [...sorted].reverse(),
        );
      }
  },

  'lists adjustments, what reverses them, and the exact totals': async ({ harness }) => {
    const { tenant, ids, save, ago, exception } = await populate(harness);
    const [first, second, third] = [harness.newId(), harness.newId(), harness.newId()];
    const posted = (['a', 'b', 'c'] as const).map((letter, i) => ({
      ...({
        id: [first, second, third][i] ?? '',
        exceptionId: ids[letter],
        direction: i ? 'DEBIT' : 'CREDIT',
      } as const),
      amount: { amount: i === 1 ? '99999999999999999999.99' : '0.02', currency: i === 2 ? 'BRL' : 'EUR' },
      ...{
        effectiveAt: ago(9 - i),
        reasonCode: i ? 'FEE' : 'ROUNDING',
        notes: 'Fee.',
        createdBy: i ? 'ben' : 'ana',
      },
      createdAt: ago(8 - i),
    }));
    const reversal = {
      ...present(posted[1]),
      id: harness.newId(),
      direction: 'CREDIT',
      reverses: second,
    } as const;
    for (const [i, adjustment] of [
      ...posted,
      { ...reversal, createdAt: ago(1), effectiveAt: ago(1) },
    ].entries()) {
      const letter = (['a', 'b', 'c', 'b'] as const)[i] ?? 'a';
      const basedOn = i === 3 ? 2 : 1;
      const state = { ...exception(letter), version: basedOn + 1 };
      await save((tx) => tx.exceptions.save({ basedOn, state, events: [], adjustment }));
    }
    const { reads } = harness;
    const whole = await reads.allAdjustments(tenant, {}, 'id', page);
    const listed = whole.items;
    assert.deepEqual(
      listed.map(({ id, reversedBy }) => [id, reversedBy]),
      [
        [first, undefined],
        [second, reversal.id],
        [third, undefined],
        [reversal.id, undefined],
      ],
    );
    assert.deepEqual(whole.totals, [
      { currency: 'BRL', direction: 'DEBIT', count: 1, amount: '0.02' },
      { currency: 'EUR', direction: 'CREDIT', count: 2, amount: '100000000000000000000.01' },
      { currency: 'EUR', direction: 'DEBIT', count: 1, amount: '99999999999999999999.99' },
    ]);
    const found = async (filter: Parameters<typeof reads.allAdjustments>[1]) =>
      (await reads.allAdjustments(tenant, filter, 'id', page)).items.map((one) =>
        listed.findIndex(({ id }) => id === one.id),
      );
    assert.deepEqual(await found({ exceptionId: [ids.b.toUpperCase()] }), [1, 3]);
    assert.deepEqual(await found({ currency: ['BRL'] }), [2]);
    assert.deepEqual(await found({ direction: ['CREDIT'] }), [0, 3]);
    assert.deepEqual(await found({ reasonCode: ['ROUNDING'] }), [0]);
    assert.deepEqual(await found({ createdBy: ['ana'] }), [0]);
    assert.deepEqual(await found({ effectiveFrom: ago(8), effectiveBefore: ago(7) }), [1]);
    assert.deepEqual(await found({ createdFrom: ago(6) }), [2, 3]);
    assert.deepEqual(await found({ createdBefore: ago(6) }), [0, 1]);
    assert.deepEqual(await found({ amountMin: '0.0200001' }), [1, 3]);
    assert.deepEqual(await found({ amountMax: '0.02' }), [0, 2]);
    assert.deepEqual(await found({ reversed: true }), [1]);
    assert.deepEqual(await found({ reversed: false, reversal: false }), [0, 2]);
    assert.deepEqual(await found({ reversal: true }), [3]);
    for (const key of ['id', 'created_at', 'effective_at'] as const)
      for (const order of ['asc', 'desc'] as const)
        await assertPages(
          (request) => reads.allAdjustments(tenant, {}, key, request),
          order,
          3,
          order === 'asc' ? listed : [...listed].reverse(),
        );
    const position = present((await reads.allAdjustments(tenant, {}, 'id', { limit: 1, order: 'asc' })).next);
    const later = await reads.allAdjustments(tenant, {}, 'id', { limit: 1, order: 'asc', position });
    assert.equal(later.totals, undefined);
    assert.deepEqual(await reads.adjustments(tenant, ids.b), [listed[1], listed[3]]);
  },
};
