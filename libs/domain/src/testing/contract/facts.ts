import assert from 'node:assert/strict';
import type { ApprovalPolicy } from '../../resolution/approval-policy';
import type { Handled } from '../../desks/handle-many';
import type { Result } from '../../result';
import { sampleCommands } from '../builders';
import { accepted, present, tally, verdict, type Promises } from './setting';

const { exception: sample } = sampleCommands;
const outcomes = (handled: Result<readonly Handled[]>) =>
  tally(accepted(handled).map(({ outcome }) => outcome));

const policy: ApprovalPolicy = {
  version: 3,
  rules: [
    { command: 'adjust_entry', currency: 'EUR', minimumAmount: '10000.00', approvers: 2 },
    { command: 'force_match', severity: 'CRITICAL', approvers: 3, mayNotApprove: ['assigner'] },
    { command: 'resolve', approvers: 1 },
  ],
};
const codes = { resolve: [`Zürich "fee"`, '日本'], adjust_entry: ['FEE'] };

/** What a tenant has laid down comes with whatever it is about to decide on. */
export const facts: Promises = {
  'brings no policy and no reason codes along where there are none': async ({ raised, exception, read }) => {
    const { id } = await raised();
    const [one] = await read((tx) => tx.exceptions.loadAll([id]));
    for (const loaded of [await exception(id), one]) {
      const { approvalPolicy, reasonCodes } = present(loaded).facts;
      assert.deepEqual([approvalPolicy, reasonCodes], [undefined, undefined]);
    }
  },

  'brings the policy and the reason codes along, to the letter, with one and with each of many': async (
    setting,
  ) => {
    const { harness, tenant, raised, exception, read } = setting;
    const ids = [(await raised()).id, (await raised()).id];
    await harness.approveUnder(tenant, policy);
    await harness.takeReasons(tenant, codes);
    const one = await exception(present(ids[0]));
    const many = await read((tx) => tx.exceptions.loadAll(ids));
    assert.deepEqual(
      [one, ...many].map((loaded) => [loaded?.facts.approvalPolicy, loaded?.facts.reasonCodes]),
      [
        [policy, codes],
        [policy, codes],
        [policy, codes],
      ],
    );
  },

  'goes by the last policy and the last reason codes that there are': async (setting) => {
    const { harness, tenant, raised, exception } = setting;
    const { id } = await raised();
    await harness.approveUnder(tenant, policy);
    await harness.takeReasons(tenant, codes);
    await harness.approveUnder(tenant, { version: 4, rules: [] });
    await harness.takeReasons(tenant, {});
    const { approvalPolicy, reasonCodes } = present(await exception(id)).facts;
    assert.deepEqual([approvalPolicy, reasonCodes], [{ version: 4, rules: [] }, {}]);
  },

  'holds each tenant to its own policy and reason codes': async ({ harness, newId, raised, exception }) => {
    const { id } = await raised();
    await harness.approveUnder(`other ${newId()}`, policy);
    await harness.takeReasons(`other ${newId()}`, codes);
    const { approvalPolicy, reasonCodes } = present(await exception(id)).facts;
    assert.deepEqual([approvalPolicy, reasonCodes], [undefined, undefined]);
  },

  'tells whether the books are kept elsewhere, with one and with each of many, and asks the ledger then':
    async (setting) => {
      const { harness, tenant, raised, exceptions, meta, exception, read } = setting;
      const ids = [(await raised()).id, (await raised()).id];
      const ledgerFacts = async () => [
        (await exception(present(ids[0])))?.facts.ledger,
        ...(await read((tx) => tx.exceptions.loadAll(ids))).map((loaded) => loaded.facts.ledger),
      ];
      assert.deepEqual(await ledgerFacts(), [undefined, undefined, undefined]);
      await harness.keepBooksElsewhere(`other ${tenant}`);
      assert.deepEqual(await ledgerFacts(), [undefined, undefined, undefined]);
      await harness.keepBooksElsewhere(tenant);
      assert.deepEqual(await ledgerFacts(), [true, true, true]);
      assert.deepEqual(outcomes(await exceptions.handleAll(ids, sample.force_match, meta())), { ok: 2 });
      for (const id of ids) assert.equal((await exception(id))?.exception.pending, 'ledger');
    },

  'brings the policy along with a dispatch and with an adjustment': async (setting) => {
    const { harness, tenant, raised, exceptions, meta, read } = setting;
    const { id } = await raised();
    const { dispatch } = accepted(await exceptions.handle(id, sample.dispatch, meta()));
    const { adjustment } = accepted(await exceptions.handle(id, sample.adjust_entry, meta()));
    await harness.approveUnder(tenant, policy);
    const dispatched = await read((tx) => tx.dispatches.load(present(dispatch).id));
    assert.deepEqual(present(dispatched).facts.approvalPolicy, policy);
    const posted = await read((tx) => tx.adjustments.load(present(adjustment).id));
    assert.deepEqual(present(posted).approvalPolicy, policy);
  },

  'proposes what takes approval, and resolves the rest, one or many': async (setting) => {
    const { harness, tenant, raised, exceptions, meta, exception } = setting;
    const ids = [(await raised()).id, (await raised()).id, (await raised()).id];
    const [one, ...others] = ids;
    await harness.approveUnder(tenant, policy);
    accepted(await exceptions.handle(present(one), sample.resolve, meta()));
    assert.deepEqual(outcomes(await exceptions.handleAll(others, sample.resolve, meta())), { ok: 2 });
    for (const id of ids) {
      const { exception: state } = present(await exception(id));
      assert.deepEqual([state.status, state.pending], ['PENDING_RESOLUTION', 'approval']);
      assert.equal(state.proposal?.policyVersion, 3);
    }
    const { id } = await raised();
    assert.equal(accepted(await exceptions.handle(id, sample.force_match, meta())).state.status, 'RESOLVED');
  },

  'refuses a reason that is not listed, to one and to many, and changes nothing': async (setting) => {
    const { harness, tenant, raised, exceptions, meta, exception, history } = setting;
    const before = await raised();
    const other = await raised();
    await harness.takeReasons(tenant, codes);
    const refused = await exceptions.handle(before.id, sample.resolve, meta());
    assert.equal(verdict(refused), 'reason_not_listed');
    const many = await exceptions.handleAll([before.id, other.id], sample.resolve, meta());
    assert.deepEqual(outcomes(many), { reason_not_listed: 2 });
    assert.deepEqual((await exception(before.id))?.exception, before);
    assert.equal((await history(before.id)).length, 1);
    const listed = { ...sample.resolve, reason: '日本' };
    assert.equal(accepted(await exceptions.handle(before.id, listed, meta())).state.status, 'RESOLVED');
  },
};
