import assert from 'node:assert/strict';
import { dispatchSortKeys } from '../../ports/reads';
import { aDispatch } from '../builders';
import type { ReadPromises } from './exception-lists';
import { assertPages, populate } from './read-population';

/** The list of the dispatches of all exceptions. Each case has a tenant of its own. */
export const dispatchLists: ReadPromises = {
  'lists the dispatches of all exceptions by state, target, kind and time': async ({ harness }) => {
    const { tenant, ids, save, ago, exception } = await populate(harness);
    const ticketId = harness.newId();
    const posting = {
      ...({ type: 'forced_match', overrideReason: 'Agreed', notes: 'By phone.' } as const),
      ...{ exceptionId: ids.b, transactionId: ids.b, reason: 'fee', requestedBy: 'ana', requestedAt: ago(8) },
    };
    const made = [
      { id: ticketId, exceptionId: ids.a, target: 'JIRA', state: 'DEAD', lastError: 'It answered 500.' },
      { exceptionId: ids.b, target: 'LEDGER', kind: 'posting', posting, state: 'DEAD' },
      { exceptionId: ids.c, target: 'JIRA', state: 'CONFIRMED', externalReference: 'OPS-1' },
      { exceptionId: ids.a, target: 'JIRA', kind: 'note', note: 'Asked.', ticketId, state: 'UNKNOWN' },
    ] as const;
    const all = made.map((over, i) => {
      const times = { requestedAt: ago(9 - i), updatedAt: ago(5 - i) };
      return aDispatch({ id: harness.newId(), live: false, ...over, ...times });
    });
    for (const [i, dispatch] of all.entries()) {
      const letter = (['a', 'b', 'c', 'a'] as const)[i] ?? 'a';
      const basedOn = i === 3 ? 2 : 1;
      const state = { ...exception(letter), version: basedOn + 1 };
      await save((tx) => tx.exceptions.save({ basedOn, state, events: [], dispatch }));
    }
    const { reads } = harness;
    const page = { limit: 50, order: 'asc' } as const;
    const found = async (filter: Parameters<typeof reads.allDispatches>[1]) =>
      (await reads.allDispatches(tenant, filter, 'id', page)).items.map((one) =>
        all.findIndex(({ id }) => id === one.id),
      );
    assert.deepEqual((await reads.allDispatches(tenant, {}, 'id', page)).items, all);
    assert.deepEqual(await found({ state: ['DEAD'] }), [0, 1]);
    assert.deepEqual(await found({ state: ['DEAD'], target: ['LEDGER'] }), [1]);
    assert.deepEqual(await found({ state: ['UNKNOWN', 'CONFIRMED'] }), [2, 3]);
    assert.deepEqual(await found({ target: ['JIRA', 'SERVICENOW'] }), [0, 2, 3]);
    assert.deepEqual(await found({ kind: ['note'] }), [3]);
    assert.deepEqual(await found({ exceptionId: [ids.a.toUpperCase()] }), [0, 3]);
    assert.deepEqual(await found({ requestedFrom: ago(8), requestedBefore: ago(6) }), [1, 2]);
    assert.deepEqual(await found({ state: ['FAILED'] }), []);
    for (const key of dispatchSortKeys)
      for (const order of ['asc', 'desc'] as const)
        await assertPages(
          (request) => reads.allDispatches(tenant, {}, key, request),
          order,
          3,
          order === 'asc' ? all : [...all].reverse(),
        );
    const elsewhere = await reads.allDispatches(`tenant ${harness.newId()}`, {}, 'id', page);
    assert.deepEqual(elsewhere, { items: [], hasMore: false });
  },

  'finds exceptions whose books differ from those of the ledger': async ({ harness }) => {
    const { tenant, ids, save, exception, named } = await populate(harness);
    const { reads } = harness;
    const found = async (ledgerMismatch: boolean) =>
      named(await reads.exceptions(tenant, { ledgerMismatch }, 'id', { limit: 50, order: 'asc' }));
    assert.deepEqual([await found(true), await found(false)], ['', 'abcdefghijkl']);
    const state = { ...exception('k'), version: 2, ledgerMismatches: [ids.a, ids.b] };
    await save((tx) => tx.exceptions.save({ basedOn: 1, state, events: [] }));
    assert.deepEqual([await found(true), await found(false)], ['k', 'abcdefghijl']);
    const [marked] = (
      await reads.exceptions(tenant, { ledgerMismatch: true }, 'id', { limit: 1, order: 'asc' })
    ).items;
    assert.deepEqual(marked, state);
  },
};
