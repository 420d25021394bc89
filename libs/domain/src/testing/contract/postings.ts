import assert from 'node:assert/strict';
import { AdjustmentDesk } from '../../desks/adjustment-desk';
import { DispatchDesk } from '../../desks/dispatch-desk';
import { decide } from '../../exception/exception';
import { noFacts } from '../../exception/exception.facts';
import type { Dispatch } from '../../dispatch/dispatch';
import { fixedClock } from '../builders';
import { accepted, atOnce, present, reversal, verdict, type Promises, type Setting } from './setting';

const deskOf = ({ harness: { uow, newId } }: Setting): DispatchDesk =>
  new DispatchDesk({ uow, newId, clock: fixedClock });

const adjust = {
  type: 'adjust_entry',
  amount: '99999999999999999999.99',
  currency: 'EUR',
  direction: 'CREDIT',
  effectiveAt: '2025-01-15T10:30:00.001Z',
  reasonCode: 'FEE',
  notes: 'A fee “of” two \\ lines\nand a tab\t.',
} as const;

/** An adjustment that a ledger was asked to book, after two others agreed to it. */
async function asked(setting: Setting): Promise<Dispatch> {
  const exception = await setting.raised();
  const approvalPolicy = { version: 4, rules: [{ command: adjust.type, approvers: 2 }] };
  const facts = { ...noFacts, ledger: true, approvalPolicy } as const;
  let state = exception;
  let dispatch: Dispatch | undefined;
  for (const [actor, command] of [
    ['ana', adjust],
    ['bo', { type: 'confirm' }],
    ['cy', { type: 'confirm' }],
  ] as const) {
    const change = accepted(decide(state, command, setting.ctx({ actor }), facts));
    accepted(await setting.save(change));
    ({ state, dispatch } = change);
  }
  return present(dispatch);
}

const sent = async (setting: Setting, id: string) => {
  const desk = deskOf(setting);
  const work = await desk.claim(setting.tenant, id);
  assert.ok(work !== undefined && work !== 'later');
  return { desk, work };
};

const created = { kind: 'send', answer: { outcome: 'created', reference: 'L-1' } } as const;

/** What a ledger elsewhere is asked to book is asked as it was decided, and takes effect once, with its answer. */
export const postings: Promises = {
  'keeps what a ledger is asked to book to the last digit, with the exception that waits for it': async (
    setting,
  ) => {
    const posting = await asked(setting);
    const loaded = present(await setting.read((tx) => tx.dispatches.load(posting.id)));
    assert.deepEqual(loaded.dispatch, posting);
    assert.equal(loaded.exception.pending, 'ledger');
    assert.equal(loaded.exception.proposal?.postingId, posting.id);
    assert.deepEqual(loaded.facts.liveDispatches, []);
    assert.deepEqual(await setting.adjustments(posting.exceptionId), []);
  },

  'posts the adjustment with the answer, under the id the ledger knows, and who agreed': async (setting) => {
    const { id, exceptionId } = await asked(setting);
    const { desk, work } = await sent(setting, id);
    accepted(await desk.report(setting.tenant, work, created));
    const [adjustment, ...others] = await setting.adjustments(exceptionId);
    assert.deepEqual([adjustment?.id, adjustment?.amount.amount, others], [id, adjust.amount, []]);
    assert.deepEqual(
      adjustment?.approval?.approvals.map(({ by }) => by),
      ['bo', 'cy'],
    );
    const loaded = present(await setting.read((tx) => tx.adjustments.load(id)));
    assert.deepEqual([loaded.adjustment, loaded.carried], [adjustment, true]);
    assert.equal(loaded.exception.status, 'RESOLVED');
  },

  'lets one of twenty answers take effect': async (setting) => {
    const { id, exceptionId } = await asked(setting);
    const { desk, work } = await sent(setting, id);
    const outcomes = await atOnce(20, () => desk.report(setting.tenant, work, created));
    assert.deepEqual(outcomes.map(verdict).sort(), ['ok', ...Array<string>(19).fill('stale_version')]);
    assert.equal((await setting.adjustments(exceptionId)).length, 1);
  },

  'returns what the ledger refuses, with its reason': async (setting) => {
    const { id, exceptionId } = await asked(setting);
    const { desk, work } = await sent(setting, id);
    const answer = { outcome: 'refused', problem: 'The period is closed.' } as const;
    accepted(await desk.report(setting.tenant, work, { kind: 'send', answer }));
    const { exception } = present(await setting.exception(exceptionId));
    assert.deepEqual([exception.status, exception.proposal], ['OPEN', undefined]);
    assert.deepEqual(await setting.adjustments(exceptionId), []);
    const returned = (await setting.history(exceptionId)).at(-1);
    assert.equal(returned?.data?.['reason'], 'The period is closed.');
  },

  'asks the ledger to take back what it has booked': async (setting) => {
    const { id, exceptionId } = await asked(setting);
    const { desk, work } = await sent(setting, id);
    accepted(await desk.report(setting.tenant, work, created));
    const { uow, newId } = setting.harness;
    const reversing = new AdjustmentDesk({ uow, newId, clock: fixedClock });
    const taken = reversal(await reversing.reverse(id, { reason: 'Booked twice.' }, setting.meta()));
    const { dispatch } = present(await setting.read((tx) => tx.dispatches.load(taken.adjustment.id)));
    assert.deepEqual(dispatch, taken.reversed.dispatch);
    assert.equal(dispatch.posting?.type, 'reversal');
    assert.equal((await setting.adjustments(exceptionId)).length, 2);
  },

  'says on both exceptions that the books differ, until the ledger has the reversal that it refused': async (
    setting,
  ) => {
    const { tenant, meta, exception, history } = setting;
    const { id, exceptionId } = await asked(setting);
    const first = await sent(setting, id);
    accepted(await first.desk.report(tenant, first.work, created));
    const { uow, newId } = setting.harness;
    const reversing = new AdjustmentDesk({ uow, newId, clock: fixedClock });
    const taken = reversal(await reversing.reverse(id, { reason: 'Booked twice.' }, meta()));
    const reversalId = taken.adjustment.id;
    const ids = [exceptionId, taken.reopened.state.id];
    const mismatches = async () => {
      const found = await Promise.all(ids.map(async (one) => present(await exception(one)).exception));
      return found.map(({ ledgerMismatches }) => ledgerMismatches);
    };
    const lastTypes = () => Promise.all(ids.map(async (one) => (await history(one)).at(-1)?.type));

    const refused = { outcome: 'refused', problem: 'The period is closed.' } as const;
    for (let round = 0; round < 2; round++) {
      const { desk, work } = await sent(setting, reversalId);
      accepted(await desk.report(tenant, work, { kind: 'send', answer: refused }));
      assert.deepEqual(await mismatches(), [[reversalId], [reversalId]]);
      if (round === 0) assert.deepEqual(await lastTypes(), Array(2).fill('exception.books_differ'));
      accepted(await desk.redrive(reversalId, meta()));
      assert.deepEqual(await mismatches(), [[reversalId], [reversalId]]);
    }
    const last = await sent(setting, reversalId);
    accepted(await last.desk.report(tenant, last.work, created));
    assert.deepEqual(await mismatches(), [undefined, undefined]);
    assert.deepEqual(await lastTypes(), Array(2).fill('exception.books_agree'));
  },
};
