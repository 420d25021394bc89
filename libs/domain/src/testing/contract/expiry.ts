import assert from 'node:assert/strict';
import { ExceptionDesk } from '../../desks/exception-desk';
import type { ReconException } from '../../exception/recon-exception';
import { now, sampleCommands } from '../builders';
import { accepted, atOnce, present, verdict, type Promises, type Setting } from './setting';

const { exception: sample } = sampleCommands;
const approve = { type: 'confirm', of: 'proposal' } as const;

/** The desk as it is so many hours from now. A proposal lasts 72 of them. */
const deskIn = (hours: number, { harness: { uow, newId } }: Setting): ExceptionDesk =>
  new ExceptionDesk({ uow, newId, clock: () => new Date(Date.parse(now) + hours * 3_600_000) });

const takingApproval = ({ harness, tenant }: Setting): Promise<void> =>
  harness.approveUnder(tenant, { version: 1, rules: [{ command: 'adjust_entry', approvers: 1 }] });

async function proposed({ raised, exceptions, meta }: Setting): Promise<ReconException> {
  const { id } = await raised();
  const { state } = accepted(await exceptions.handle(id, sample.adjust_entry, meta()));
  assert.equal(state.pending, 'approval');
  return state;
}

/** Nothing waits for ever, and nothing is given back that was decided on. */
export const expiry: Promises = {
  'gives back a proposal whose time has come, once': async (setting) => {
    const { tenant, exception, history, adjustments } = setting;
    await takingApproval(setting);
    const before = await proposed(setting);
    const early = await deskIn(71, setting).meetDeadline(tenant, before.id);
    assert.deepEqual(accepted(early), { later: before.proposal?.expiresAt });
    assert.deepEqual((await exception(before.id))?.exception, before);
    const expired = accepted(await deskIn(72, setting).meetDeadline(tenant, before.id));
    assert.ok(expired && 'state' in expired);
    const after = present(await exception(before.id)).exception;
    assert.deepEqual(after, expired.state);
    assert.deepEqual([after.status, after.pending, after.proposal], ['OPEN', undefined, undefined]);
    assert.equal(accepted(await deskIn(73, setting).meetDeadline(tenant, before.id)), undefined);
    const lines = await history(before.id);
    assert.deepEqual(
      lines.map(({ type }) => type),
      ['exception.raised', 'exception.resolution_proposed', 'exception.returned'],
    );
    assert.deepEqual(lines.slice(2), expired.events);
    assert.deepEqual(await adjustments(before.id), []);
  },

  'gives back nothing where nothing was proposed': async (setting) => {
    const { tenant, newId, raised, exception, exceptions, meta } = setting;
    const open = await raised();
    await takingApproval(setting);
    const done = await proposed(setting);
    accepted(await exceptions.handle(done.id, approve, meta({ actor: 'bo' })));
    for (const id of [open.id, done.id, newId(), 'no id at all'])
      assert.equal(accepted(await deskIn(1000, setting).meetDeadline(tenant, id)), undefined);
    assert.deepEqual((await exception(open.id))?.exception, open);
    assert.equal((await exception(done.id))?.exception.status, 'RESOLVED');
  },

  'gives back no proposal of another tenant': async (setting) => {
    const { newId, exception } = setting;
    await takingApproval(setting);
    const before = await proposed(setting);
    const elsewhere = await deskIn(1000, setting).meetDeadline(`other ${newId()}`, before.id);
    assert.equal(accepted(elsewhere), undefined);
    assert.deepEqual((await exception(before.id))?.exception, before);
  },

  'gives back a proposal once when ten find it at the same time': async (setting) => {
    const { tenant, history } = setting;
    await takingApproval(setting);
    const { id } = await proposed(setting);
    const all = await atOnce(10, () => deskIn(72, setting).meetDeadline(tenant, id));
    assert.equal(all.filter((outcome) => accepted(outcome) !== undefined).length, 1);
    assert.equal((await history(id)).length, 3);
  },

  'refuses to approve an expired proposal, whether or not it was given back': async (setting) => {
    const { meta, exception, adjustments } = setting;
    await takingApproval(setting);
    const before = await proposed(setting);
    const late = await deskIn(72, setting).handle(before.id, approve, meta({ actor: 'bo' }));
    assert.equal(verdict(late), 'proposal_expired');
    assert.deepEqual((await exception(before.id))?.exception, before);
    assert.deepEqual(await adjustments(before.id), []);
    accepted(await deskIn(71, setting).handle(before.id, approve, meta({ actor: 'bo' })));
  },

  'either approves a proposal or gives it back when both are tried at the same time': async (setting) => {
    const { tenant, meta, exception, history, adjustments } = setting;
    await takingApproval(setting);
    for (let i = 0; i < 5; i++) {
      const { id } = await proposed(setting);
      // Clocks differ: to one of them its time is over, to the other it is not.
      const [approved, expired] = await Promise.all([
        deskIn(71, setting).handle(id, approve, meta({ actor: 'bo' })),
        deskIn(72, setting).meetDeadline(tenant, id),
      ]);
      const { status } = present(await exception(id)).exception;
      assert.equal(status, approved.ok ? 'RESOLVED' : 'OPEN');
      assert.equal(accepted(expired) === undefined, approved.ok);
      if (!approved.ok) assert.match(verdict(approved), /^(not_allowed|nothing_proposed)$/);
      assert.equal((await history(id)).length, 3);
      assert.equal((await adjustments(id)).length, approved.ok ? 1 : 0);
    }
  },
};
