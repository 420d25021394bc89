import assert from 'node:assert/strict';
import { AdjustmentDesk } from '../../desks/adjustment-desk';
import type { Adjustment } from '../../resolution/adjustment';
import { reverse, type Reversal } from '../../exception/reversal';
import { fixedClock } from '../builders';
import {
  accepted,
  atOnce,
  commits,
  present,
  reversal,
  tally,
  verdict,
  type Promises,
  type Setting,
} from './setting';

const deskOf = ({ harness: { uow, newId } }: Setting): AdjustmentDesk =>
  new AdjustmentDesk({ uow, newId, clock: fixedClock });

const resolve = { type: 'resolve', resolution: 'Paid back.' } as const;
const command = { reason: 'Posted twice.' };

async function posted(setting: Setting): Promise<Adjustment> {
  const { id } = await setting.raised();
  const adjust = {
    type: 'adjust_entry',
    amount: '99999999999999999999.99',
    currency: 'EUR',
    effectiveAt: '2025-01-15T10:30:00.000Z',
    reasonCode: 'FEE',
    notes: 'A fee.',
  } as const;
  const { adjustment } = accepted(await setting.exceptions.handle(id, adjust, setting.meta()));
  return present(adjustment);
}

/** What was posted is taken back once, by posting the opposite. */
export const reversals: Promises = {
  'finds an adjustment with its exception, to the last digit': async (setting) => {
    const adjustment = await posted(setting);
    const load = (id: string) => setting.read((tx) => tx.adjustments.load(id));
    const { exception } = present(await setting.exception(adjustment.exceptionId));
    assert.deepEqual(await load(adjustment.id.toUpperCase()), { adjustment, exception });
    for (const id of [setting.newId(), exception.id, 'x', '']) assert.equal(await load(id), undefined);
    const elsewhere = setting.harness.uow.run({ tenant: `${setting.tenant}, another` }, async (tx) => {
      assert.equal(await tx.adjustments.load(adjustment.id), undefined);
      return { ok: true, value: undefined };
    });
    accepted(await elsewhere);
  },

  'keeps a reversal beside what it reverses, and opens another exception': async (setting) => {
    const adjustment = await posted(setting);
    const taken = reversal(await deskOf(setting).reverse(adjustment.id, command, setting.meta()));
    assert.deepEqual(await setting.adjustments(adjustment.exceptionId), [adjustment, taken.adjustment]);
    const found = present(await setting.read((tx) => tx.adjustments.load(adjustment.id)));
    assert.equal(found.reversedBy, taken.adjustment.id);
    assert.deepEqual(found.exception, taken.reversed.state);
    const { state } = taken.reopened;
    assert.deepEqual(present(await setting.exception(state.id)).exception, state);
    const history = await setting.history(adjustment.exceptionId);
    assert.deepEqual(history.at(-1), taken.reversed.events[0]);
    assert.deepEqual(await setting.history(state.id), taken.reopened.events);
  },

  'lets one of twenty reversals be': async (setting) => {
    const adjustment = await posted(setting);
    const outcomes = await atOnce(20, () => deskOf(setting).reverse(adjustment.id, command, setting.meta()));
    assert.deepEqual(tally(outcomes), { ok: 1, already_reversed: 19 });
    assert.equal((await setting.adjustments(adjustment.exceptionId)).length, 2);
  },

  'never posts two reversals of one adjustment, also when both were decided before': async (setting) => {
    const { exception, read, run, adjustments } = setting;
    const adjustment = await posted(setting);
    const loaded = present(await read((tx) => tx.adjustments.load(adjustment.id)));
    const [first, second] = [1, 2].map(() => reversal(reverse(loaded, command, setting.ctx())));
    const post = ({ reversed, reopened }: Reversal) =>
      run(async (tx) => {
        await tx.exceptions.save(reversed);
        await tx.exceptions.save(reopened);
        return { ok: true, value: undefined };
      });
    accepted(await post(present(first)));
    const after = present(await exception(adjustment.exceptionId));
    const { reversed, reopened } = present(second);
    const basedOn = after.exception.version;
    const state = { ...after.exception, version: basedOn + 1 };
    const later = { ...present(second), reversed: { ...reversed, basedOn, state, events: [] } };
    // Whatever else is in its way, the one that exists already is enough.
    accepted(await setting.exceptions.handle(present(first).reopened.state.id, resolve, setting.meta()));
    assert.equal(await commits(post(later)), false);
    assert.deepEqual(await adjustments(adjustment.exceptionId), [adjustment, present(first).adjustment]);
    assert.equal(await exception(reopened.state.id), undefined);
  },

  'keeps a reversal that awaits approval with its exception, and posts it once when it has it': async (
    setting,
  ) => {
    const { harness, tenant, meta, exception, exceptions, adjustments, history } = setting;
    const adjustment = await posted(setting);
    const { exceptionId } = adjustment;
    await harness.approveUnder(tenant, { version: 1, rules: [{ command: 'adjust_entry', approvers: 1 }] });
    const outcome = accepted(await deskOf(setting).reverse(adjustment.id, command, meta()));
    assert.ok('proposed' in outcome);
    const { facts, exception: waiting } = present(await exception(exceptionId));
    assert.deepEqual(waiting, outcome.proposed.state);
    assert.deepEqual(facts.activeDisputes, []);
    assert.equal(
      present(await setting.read((tx) => tx.adjustments.load(adjustment.id))).reversedBy,
      undefined,
    );
    const again = await deskOf(setting).reverse(adjustment.id, command, meta({ actor: 'bo' }));
    assert.equal(verdict(again), 'still_pending');
    assert.deepEqual(await adjustments(exceptionId), [adjustment]);

    const approve = { type: 'confirm', of: 'proposal' } as const;
    assert.equal(verdict(await exceptions.handle(exceptionId, approve, meta())), 'own_proposal');
    const approvals = await atOnce(20, (i) =>
      exceptions.handle(exceptionId, approve, meta({ actor: `approver ${i}` })),
    );
    assert.deepEqual(tally(approvals), { ok: 1, not_allowed: 19 });
    const [change] = approvals.flatMap((approval) => (approval.ok ? [approval.value] : []));
    const { state, events, adjustment: row, reopened } = present(change);
    assert.deepEqual(await adjustments(exceptionId), [adjustment, row]);
    assert.deepEqual(present(await exception(exceptionId)).exception, state);
    assert.deepEqual((await history(exceptionId)).at(-1), events[0]);
    assert.deepEqual(present(await exception(present(reopened).state.id)).exception, reopened?.state);
  },

  'stands for an approved reversal with the one exception that is unresolved': async (setting) => {
    const { harness, tenant, meta, exception, exceptions } = setting;
    const adjustment = await posted(setting);
    await harness.approveUnder(tenant, { version: 1, rules: [{ command: 'adjust_entry', approvers: 1 }] });
    accepted(await deskOf(setting).reverse(adjustment.id, command, meta()));
    const { transactionId, reason } = present(await exception(adjustment.exceptionId)).exception;
    const approve = { type: 'confirm', of: 'proposal' } as const;
    const [approved, reported] = await Promise.all([
      exceptions.handle(adjustment.exceptionId, approve, meta({ actor: 'bo' })),
      exceptions.raise({ transactionId, reason }, meta()),
    ]);
    const { id } = accepted(reported).state;
    assert.equal(present(accepted(approved).reopened).state.id, id);
    assert.equal(present(await exception(id)).exception.reversalOf, adjustment.exceptionId);
  },

  'links a reversal to the one unresolved exception, also when a report raises it meanwhile': async (
    setting,
  ) => {
    const adjustment = await posted(setting);
    const { exception: resolved } = present(await setting.exception(adjustment.exceptionId));
    const { transactionId, reason } = resolved;
    const [reversed, reported] = await Promise.all([
      deskOf(setting).reverse(adjustment.id, command, setting.meta()),
      setting.exceptions.raise({ transactionId, reason }, setting.meta()),
    ]);
    const { id } = reversal(reversed).reopened.state;
    assert.equal(accepted(reported).state.id, id);
    const { exception } = present(await setting.exception(id));
    assert.equal(exception.reversalOf, resolved.id);
  },
};
