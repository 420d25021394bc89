import assert from 'node:assert/strict';
import { maxNames } from '../../ports/reads';
import { timestamp } from '../../value/timestamp';
import { anException } from '../builders';
import { present } from './setting';
import type { ReadPromises } from './exception-lists';
import { oddReason, populate } from './read-population';

/** Counts of exceptions, and the queue of approvals. */
export const summaries: ReadPromises = {
  'counts exceptions, each once in every part': async ({ harness, tenant }) => {
    assert.deepEqual(await harness.reads.summary(tenant, {}), {
      total: 12,
      overdue: 4,
      byStatus: { OPEN: 2, ASSIGNED: 2, PENDING_RESOLUTION: 5, RESOLVED: 3 },
      bySeverity: { LOW: 3, MEDIUM: 4, HIGH: 4, CRITICAL: 1 },
      byReason: {
        top: [
          { reason: 'AMOUNT_MISMATCH', count: 9 },
          { reason: oddReason, count: 1 },
          { reason: 'Amount mismatch', count: 1 },
          { reason: 'fee', count: 1 },
        ],
        other: 0,
      },
      byAssignee: {
        top: [
          { assignee: 'ben', count: 3 },
          { assignee: 'ana', count: 2 },
        ],
        unassigned: 7,
        other: 0,
      },
      byAge: [
        // `a` was raised an hour ago and happened 100 hours ago; `i` has a time in the future.
        { fromHours: 0, toHours: 24, count: 1 },
        { fromHours: 24, toHours: 72, count: 3 },
        { fromHours: 72, toHours: 120, count: 3 },
        { fromHours: 120, toHours: 168, count: 1 },
        { fromHours: 168, count: 1 },
      ],
      amounts: [
        { currency: 'EUR', count: 7, sum: '170.01' },
        { currency: 'JPY', count: 1, sum: '1500' },
        { currency: 'KWD', count: 1, sum: '10.000' },
        { currency: 'USD', count: 1, sum: '100.00' },
      ],
    });
  },

  'counts nothing where nothing is chosen': async ({ harness, tenant }) => {
    const none = await harness.reads.summary(tenant, { reason: ['nowhere'] });
    assert.deepEqual(
      [none.total, none.overdue, none.byReason, none.amounts],
      [0, 0, { top: [], other: 0 }, []],
    );
    assert.deepEqual(none.byAssignee, { top: [], unassigned: 0, other: 0 });
    assert.deepEqual(none.byStatus, { OPEN: 0, ASSIGNED: 0, PENDING_RESOLUTION: 0, RESOLVED: 0 });
  },

  'counts the names beyond the most frequent together': async ({ harness }) => {
    const other = await populate(harness);
    for (let i = 0; i < maxNames + 3; i++) {
      const reason = `reason ${String(i).padStart(2, '0')}`;
      const state = anException({
        ...{ id: harness.newId(), transactionId: harness.newId(), source: 'many' },
        ...{ reason, status: 'ASSIGNED', assignedTo: `person ${String(i).padStart(2, '0')}` },
      });
      await other.save((tx) => tx.exceptions.save({ basedOn: 0, state, events: [] }));
    }
    const { byReason, byAssignee } = await harness.reads.summary(other.tenant, { source: ['many'] });
    assert.deepEqual([byReason.top.length, byReason.other], [maxNames, 3]);
    assert.deepEqual(
      [byReason.top[0], byReason.top.at(-1)],
      [
        { reason: 'reason 00', count: 1 },
        { reason: `reason ${maxNames - 1}`, count: 1 },
      ],
    );
    assert.deepEqual([byAssignee.top.length, byAssignee.unassigned, byAssignee.other], [maxNames, 0, 3]);
  },

  'lists what awaits approval, longest first, by whom and what was proposed': async (population) => {
    const { harness, tenant, named, exception } = population;
    const pending = async (filter: Parameters<typeof harness.approvals.pending>[1]) =>
      named(await harness.approvals.pending(tenant, filter, { limit: 50, order: 'asc' }));
    assert.equal(await pending({}), 'ghl');
    assert.equal(await pending({ proposer: ['ana'] }), 'g');
    assert.equal(await pending({ proposer: ['ben', 'cy'] }), 'hl');
    assert.equal(await pending({ command: ['adjust_entry'] }), 'h');
    assert.equal(await pending({ command: ['resolve', 'reverse'] }), 'gl');
    assert.equal(await pending({ amountMin: '0.01', currency: ['EUR'] }), 'gh');
    assert.equal(await pending({ currency: ['BRL'] }), '');
    assert.equal(await pending({ amountMax: '-1' }), 'l');
    for (const order of ['asc', 'desc'] as const) {
      const all = [exception('g'), exception('h'), exception('l')];
      await assertAll(order, order === 'asc' ? all : all.reverse());
    }
    async function assertAll(order: 'asc' | 'desc', expected: readonly unknown[]) {
      const page = await harness.approvals.pending(tenant, {}, { limit: 9, order });
      assert.deepEqual(page.items, expected);
    }
  },

  'lists what a person may still approve': async ({ harness, tenant, named }) => {
    const pending = async (approver: string) =>
      named(await harness.approvals.pending(tenant, { approver }, { limit: 50, order: 'asc' }));
    assert.equal(await pending('ana'), 'hl');
    assert.equal(await pending('ben'), 'gl');
    assert.equal(await pending('cy'), 'g');
    assert.equal(await pending('dee'), 'gl');
    assert.equal(await pending('eve'), 'ghl');
  },

  'lists nothing for other spellings of a person, nor what has expired': async ({ harness }) => {
    const { save, tenant, exception } = await populate(harness);
    const hour = 3_600_000;
    const at = (hours: number) => timestamp(new Date(harness.clock().getTime() + hours * hour));
    const { proposal } = exception('h');
    const open: string[] = [];
    for (const [i, expiresAt] of [at(1), at(-1), undefined].entries()) {
      const id = harness.newId();
      const state = anException({
        ...{ id, transactionId: harness.newId(), status: 'PENDING_RESOLUTION', pending: 'approval' },
        ...{ pendingSince: at(-1 - i), amount: { amount: '7.00', currency: 'EUR' } },
        proposal: { ...present(proposal), formerAssigners: ['fay'], ...(expiresAt && { expiresAt }) },
      });
      await save((tx) => tx.exceptions.save({ basedOn: 0, state, events: [] }));
      if (i !== 1) open.unshift(id);
    }
    const pending = async (approver?: string) => {
      const filter = { amountMax: '7', amountMin: '7', ...(approver !== undefined && { approver }) };
      const page = await harness.approvals.pending(tenant, filter, { limit: 50, order: 'asc' });
      return page.items.map(({ id }) => id);
    };
    assert.equal((await pending()).length, 3);
    assert.deepEqual(await pending('eve'), open);
    for (const spelling of [
      'ben',
      'BEN',
      ' Ben',
      'b\u200ben',
      'ｂｅｎ',
      'cy',
      'СУ',
      'dee',
      'DEE',
      'fay',
      'Fay',
    ])
      assert.deepEqual(await pending(spelling), [], spelling);
  },
};
