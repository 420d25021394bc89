import assert from 'node:assert/strict';
import type { ForceMatch } from '../../resolution/commands';
import { decide } from '../../exception/exception';
import { refuse } from '../../result';
import { accepted, commits, freshTenant, present, type Promises } from './setting';

const counterparts = [
  {
    source: 'ledger “Nord”\n',
    transactionId: '019B7C00-0000-7000-8000-00000000AAAA',
    amount: '99999999999999999998.99',
    currency: 'EUR',
  },
  {
    source: 'bank',
    transactionId: '019b7c00-0000-7000-8000-00000000bbbb',
    amount: '-0.001',
    currency: 'BHD',
  },
];
const match: ForceMatch = {
  type: 'force_match',
  overrideReason: 'BUSINESS_DECISION',
  notes: 'Two payments for one invoice.',
  counterparts,
  acceptResidual: true,
};
const amount = { amount: '99999999999999999999.99', currency: 'EUR' };

/** What an exception was declared to match is kept with the change that resolved it. */
export const forcedMatches: Promises = {
  'keeps what an exception matches, to the last digit': async (setting) => {
    const { id } = await setting.raised(amount);
    const { match: kept } = accepted(await setting.exceptions.handle(id, match, setting.meta()));
    assert.deepEqual(await setting.forcedMatches(id), [present(kept)]);
    assert.deepEqual(present(kept).counterparts, [
      { ...counterparts[0], transactionId: '019b7c00-0000-7000-8000-00000000aaaa' },
      counterparts[1],
    ]);
    assert.deepEqual(present(kept).residuals, [
      { amount: '1.00', currency: 'EUR', tolerance: '0.00' },
      { amount: '0.001', currency: 'BHD', tolerance: '0.000' },
    ]);
    assert.deepEqual((await setting.history(id)).at(-1)?.data, { match: kept });
  },

  'keeps nothing where nothing is named': async (setting) => {
    const { id } = await setting.raised(amount);
    const { counterparts: _named, acceptResidual: _said, ...bare } = match;
    accepted(await setting.exceptions.handle(id, bare, setting.meta()));
    assert.deepEqual(await setting.forcedMatches(id), []);
  },

  'keeps a match only with the change that it belongs to, and for its tenant alone': async (setting) => {
    const before = await setting.raised(amount);
    const change = accepted(decide(before, match, setting.ctx()));
    const refusal = refuse({ code: 'still_pending', waitsFor: 'approval' });
    await setting.run(async (tx) => {
      await tx.exceptions.save(change);
      return refusal;
    });
    assert.equal(await commits(freshTenant(setting.harness).save(change)), false);
    assert.deepEqual(await setting.forcedMatches(before.id), []);
    assert.equal(await commits(setting.save(change)), true);
    assert.deepEqual(await setting.forcedMatches(before.id), [change.match]);
    assert.deepEqual(await freshTenant(setting.harness).forcedMatches(before.id), []);
  },

  'keeps what was proposed until it is confirmed, weighed as it was proposed': async (setting) => {
    const { id } = await setting.raised(amount);
    const propose = { type: 'propose', resolution: match, waitsFor: 'approval' } as const;
    const proposed = accepted(await setting.exceptions.handle(id, propose, setting.meta()));
    assert.deepEqual(await setting.forcedMatches(id), []);
    const { exception } = present(await setting.exception(id));
    assert.deepEqual(exception.proposal, proposed.state.proposal);
    const confirmed = await setting.exceptions.handle(id, { type: 'confirm' }, setting.meta({ actor: 'bo' }));
    const [kept] = await setting.forcedMatches(id);
    assert.deepEqual(kept, accepted(confirmed).match);
    assert.deepEqual(kept?.residuals, proposed.state.proposal?.residuals);
    assert.equal(kept?.createdBy, 'bo');
  },
};
