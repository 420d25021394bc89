import assert from 'node:assert/strict';
import type { ExceptionFacts } from '../../exception/exception.facts';
import { ExceptionDesk } from '../../desks/exception-desk';
import { laterBy } from '../../value/timestamp';
import { now, sampleCommands } from '../builders';
import { accepted, present, sorted, targetsOf, type Promises, type Setting } from './setting';

const { exception: sample, dispute: ofDisputes } = sampleCommands;

const factsOf = async ({ exception }: Setting, id: string): Promise<ExceptionFacts | undefined> =>
  (await exception(id))?.facts;

/** What is there is found, what is not is not, and the facts come along. */
export const finding: Promises = {
  'knows nothing of an id it has not seen': async ({ newId, exception, dispute, raised }) => {
    await raised();
    assert.equal(await exception(newId()), undefined);
    assert.equal(await dispute(newId()), undefined);
  },

  'takes text that is no UUID for an id it has not seen': async ({ exception, dispute, raised }) => {
    const { id } = await raised();
    const texts = [
      '',
      ' ',
      'x',
      `${id} `,
      `{${id}}`,
      id.replaceAll('-', ''),
      `${id}0`,
      `' OR 1=1 --`,
      '\u0000',
      '😀',
    ];
    for (const text of texts) {
      assert.equal(await exception(text), undefined);
      assert.equal(await dispute(text), undefined);
    }
  },

  'finds an id whatever its letter case': async ({ exception, dispute, raised, disputed }) => {
    const { id } = await raised();
    const { id: disputeId } = await disputed(id);
    assert.equal((await exception(id.toUpperCase()))?.exception.id, id);
    assert.equal((await dispute(disputeId.toUpperCase()))?.id, disputeId);
  },

  'does not take an exception for a dispute, nor the other way round': async ({
    exception,
    dispute,
    raised,
    disputed,
  }) => {
    const { id } = await raised();
    const { id: disputeId } = await disputed(id);
    assert.equal(await dispute(id), undefined);
    assert.equal(await exception(disputeId), undefined);
  },

  'tells the active disputes of an exception along with it': async (setting) => {
    const { raised, disputed, disputes, meta, newId } = setting;
    const { id } = await raised();
    await disputed((await raised()).id);
    assert.deepEqual(await factsOf(setting, id), { activeDisputes: [], liveDispatches: [] });

    const fee = await disputed(id, 'BANK_FEE_ERROR');
    const other = await disputed(id, 'OTHER');
    const draft = accepted(
      await disputes.open(id, { category: 'AMOUNT_MISMATCH', description: 'Wrong.', draft: true }, meta()),
    ).state;
    const active = [fee, other, draft].map((dispute) => ({ id: dispute.id, category: dispute.category }));
    assert.deepEqual(sorted((await factsOf(setting, id))?.activeDisputes ?? []), sorted(active));
    const loaded = await setting.read((tx) => tx.disputes.load(other.id));
    assert.deepEqual(sorted(loaded?.facts.activeDisputes ?? []), sorted(active));

    accepted(await disputes.handle(fee.id, ofDisputes.request_evidence, meta()));
    accepted(await disputes.handle(other.id, ofDisputes.lose, meta()));
    assert.deepEqual(
      sorted((await factsOf(setting, id))?.activeDisputes.map((dispute) => dispute.id) ?? []),
      sorted([fee.id, draft.id]),
    );
    accepted(await disputes.handle(other.id, ofDisputes.reopen, meta()));
    accepted(await disputes.handle(fee.id, ofDisputes.win, meta()));
    assert.deepEqual(
      sorted((await factsOf(setting, id))?.activeDisputes.map((dispute) => dispute.id) ?? []),
      sorted([other.id, draft.id]),
    );
    assert.equal(await factsOf(setting, newId()), undefined);
  },

  'tells the hand-overs that are out, until they are over': async (setting) => {
    const { raised, exceptions, meta, exception } = setting;
    const out = async (id: string) => targetsOf(await exception(id));
    for (const end of [sample.return, sample.recall]) {
      const [{ id }, { id: elsewhere }] = [await raised(), await raised()];
      accepted(await exceptions.handle(elsewhere, { type: 'dispatch', target: 'WEBHOOK' }, meta()));
      for (const target of ['MANUAL', 'JIRA'] as const) {
        accepted(await exceptions.handle(id, { type: 'dispatch', target }, meta()));
      }
      assert.deepEqual(await out(id), ['JIRA', 'MANUAL']);
      accepted(await exceptions.handle(id, end, meta()));
      assert.deepEqual(await out(id), []);
      assert.deepEqual(await out(elsewhere), ['WEBHOOK']);

      accepted(await exceptions.handle(id, { type: 'dispatch', target: 'JIRA' }, meta()));
      assert.deepEqual(await out(id), ['JIRA']);
    }
  },

  'finds unresolved exceptions by transaction and reason': async ({ raised, read, newId }) => {
    const transactionId = newId();
    const sought = await raised({ transactionId, reason: 'LATE' });
    const otherReason = await raised({ transactionId, reason: 'Late, too' });
    const other = await raised({ reason: 'LATE' });
    const unresolved = (...identities: { transactionId: string; reason: string }[]) =>
      read((tx) => tx.exceptions.unresolved(identities));

    assert.deepEqual(await unresolved(), []);
    assert.deepEqual(await unresolved({ transactionId: newId(), reason: 'LATE' }), []);
    assert.deepEqual(await unresolved({ transactionId, reason: 'LATER' }), []);
    assert.deepEqual(await unresolved({ transactionId: other.transactionId, reason: 'Late, too' }), []);
    assert.deepEqual(await unresolved({ transactionId, reason: ' late\t' }), [sought]);
    assert.deepEqual(await unresolved({ transactionId, reason: 'LATE' }), [sought]);
    assert.deepEqual(await unresolved({ transactionId: transactionId.toUpperCase(), reason: 'LATE' }), [
      sought,
    ]);
    assert.deepEqual(
      sorted(await unresolved(sought, other, otherReason)),
      sorted([sought, other, otherReason]),
    );
  },

  'finds a reason in another letter case, in another Unicode form, and between blanks': async ({
    raised,
    read,
  }) => {
    const sought = await raised({ reason: ' Zoe\u0308, Überfällig' });
    for (const reason of ['ZO\u00cb, ÜBERFÄLLIG\u00a0', 'zoe\u0308, u\u0308berfa\u0308llig'])
      assert.deepEqual(await read((tx) => tx.exceptions.unresolved([{ ...sought, reason }])), [sought]);
  },

  'finds the latest of an identity: the unresolved one, or else the one that was resolved last': async (
    setting,
  ) => {
    const { raised, read, exceptions, meta, exception, newId, harness } = setting;
    const latest = (...identities: { transactionId: string; reason: string }[]) =>
      read((tx) => tx.exceptions.latest(identities));
    const first = await raised({ reason: 'LATE' });
    const identity = { transactionId: first.transactionId.toUpperCase(), reason: ' late' };
    assert.deepEqual(await latest(identity), [first]);
    const resolved = accepted(await exceptions.handle(first.id, sample.resolve, meta())).state;
    assert.deepEqual(await latest(identity, identity), [resolved]);
    const second = accepted(await exceptions.raise(identity, meta())).state;
    assert.equal(second.previous, first.id);
    assert.deepEqual((await exception(second.id))?.exception, second);
    assert.deepEqual(await latest(identity), [second]);
    const later = new ExceptionDesk({ uow: harness.uow, newId, clock: () => new Date(laterBy(now, 1)) });
    const again = accepted(await later.handle(second.id, sample.resolve, meta())).state;
    const other = await raised();
    assert.deepEqual(sorted(await latest(identity, other)), sorted([again, other]));
    assert.deepEqual(
      await latest({ ...identity, transactionId: newId() }, { ...identity, reason: '\u0000' }),
      [],
    );
    const [third] = await exceptions.raiseAll([identity], meta());
    assert.equal(accepted(present(third)).state.previous, second.id);
  },

  'finds an unresolved exception once, however often it is asked for': async ({ raised, read }) => {
    const sought = await raised();
    const shouted = { ...sought, transactionId: sought.transactionId.toUpperCase() };
    assert.deepEqual(await read((tx) => tx.exceptions.unresolved([sought, shouted, sought])), [sought]);
  },

  'takes text that is no UUID for a transaction it has not seen': async ({ raised, read }) => {
    const sought = await raised();
    const { reason, transactionId } = sought;
    const identities = ['', 'x', `{${transactionId}}`, transactionId.replaceAll('-', ''), '\u0000'].map(
      (text) => ({
        transactionId: text,
        reason,
      }),
    );
    assert.deepEqual(await read((tx) => tx.exceptions.unresolved(identities)), []);
    assert.deepEqual(await read((tx) => tx.exceptions.unresolved([...identities, sought])), [sought]);
    assert.deepEqual(await read((tx) => tx.exceptions.latest(identities)), []);
    assert.deepEqual(await read((tx) => tx.exceptions.latest([...identities, sought])), [sought]);
  },

  'takes a reason that cannot be kept for one it has not seen': async ({ raised, read }) => {
    const sought = await raised();
    const { transactionId } = sought;
    const identities = ['', 'a\u0000b', '\ud83d', 'x'.repeat(100_000)].map((reason) => ({
      transactionId,
      reason,
    }));
    assert.deepEqual(await read((tx) => tx.exceptions.unresolved([...identities, sought])), [sought]);
    assert.deepEqual(await read((tx) => tx.exceptions.latest([...identities, sought])), [sought]);
  },

  'finds an exception as unresolved while it is pending, and no longer once it is resolved': async (
    setting,
  ) => {
    const { raised, read, exceptions, meta, exception } = setting;
    const { id, transactionId, reason } = await raised();
    const found = () => read((tx) => tx.exceptions.unresolved([{ transactionId, reason }]));
    accepted(await exceptions.handle(id, sample.assign, meta()));
    accepted(await exceptions.handle(id, sample.dispatch, meta()));
    assert.deepEqual(await found(), [(await exception(id))?.exception]);
    accepted(await exceptions.handle(id, sample.confirm, meta()));
    assert.deepEqual(await found(), []);

    const again = await raised({ transactionId, reason });
    assert.notEqual(again.id, id);
    assert.deepEqual(await found(), [again]);
  },
};
