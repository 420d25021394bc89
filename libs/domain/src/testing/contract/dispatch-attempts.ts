import assert from 'node:assert/strict';
import { DispatchDesk } from '../../desks/dispatch-desk';
import type { Report } from '../../dispatch/attempt-result';
import { interpretReport } from '../../dispatch/interpret-report';
import { headStartMs, type Dispatch } from '../../dispatch/dispatch';
import { decideOutcome, type DispatchChange } from '../../outcome/decide-outcome';
import { refuse } from '../../result';
import { now } from '../builders';
import { accepted, commits, present, sorted, type Promises, type Setting } from './setting';

const lost: Report = { kind: 'send', answer: { outcome: 'unknown', problem: 'The connection “broke”.\n\\' } };
const created: Report = { kind: 'send', answer: { outcome: 'created', reference: 'OPS-1' } };
const none: Report = { kind: 'find', answer: { outcome: 'none', conclusive: true } };

const deskAt = ({ harness: { uow, newId } }: Setting, ms: number): DispatchDesk =>
  new DispatchDesk({ uow, newId, clock: () => new Date(Date.parse(now) + ms) });

/** A dispatch that is being sent. */
async function sending(setting: Setting): Promise<Dispatch> {
  const { id } = await setting.raised();
  const command = { type: 'dispatch', target: 'JIRA' } as const;
  const { dispatch } = accepted(await setting.exceptions.handle(id, command, setting.meta()));
  const work = await deskAt(setting, headStartMs).claim(setting.tenant, present(dispatch).id);
  assert.ok(work !== undefined && work !== 'later');
  return work.dispatch;
}

/** What a report does to a dispatch and its exception, decided and not saved. */
async function decided(setting: Setting, id: string, report: Report): Promise<DispatchChange> {
  const loaded = present(await setting.read((tx) => tx.dispatches.load(id)));
  const ctx = setting.ctx();
  const { command, attempt } = interpretReport(loaded.dispatch, report, ctx);
  return accepted(decideOutcome(loaded, command, ctx, undefined, attempt));
}

const saveDispatch = (setting: Setting, change: DispatchChange) =>
  setting.run(async (tx) => {
    await tx.dispatches.save(change);
    return { ok: true, value: undefined };
  });

/** Attempts are kept with what they did to the dispatch and its exception, all of it or nothing. */
export const dispatchAttempts: Promises = {
  'keeps every attempt of a dispatch, letter by letter, and no attempt of another': async (setting) => {
    const { harness, tenant } = setting;
    const [dispatch, other] = [await sending(setting), await sending(setting)];
    assert.deepEqual(await harness.attemptsOf(tenant, dispatch.id), []);
    const first = await decided(setting, dispatch.id, lost);
    accepted(await saveDispatch(setting, first));
    assert.deepEqual(await harness.attemptsOf(tenant, dispatch.id), [present(first.attempt)]);

    const desk = deskAt(setting, 600_000);
    const looking = await desk.claim(tenant, dispatch.id);
    assert.ok(looking !== undefined && looking !== 'later');
    const second = accepted(await desk.report(tenant, looking, none));
    assert.deepEqual(await harness.attemptsOf(tenant, dispatch.id), [first.attempt, present(second.attempt)]);
    assert.deepEqual(await harness.attemptsOf(tenant, other.id), []);
    assert.deepEqual(await harness.attemptsOf(`${tenant}, another`, dispatch.id), []);
  },

  'never saves a dispatch over another version than the decision was made on': async (setting) => {
    const { harness, tenant, exception, history, read } = setting;
    const { id, exceptionId } = await sending(setting);
    const late = await decided(setting, id, created);
    const first = await decided(setting, id, lost);
    accepted(await saveDispatch(setting, first));
    const before = await exception(exceptionId);
    const { exception: _touched, ...alone } = late;
    for (const basedOn of [0, 1, 2, 4]) {
      const state = { ...late.state, version: basedOn + 1 };
      assert.equal(await commits(saveDispatch(setting, { ...alone, basedOn, state })), false);
      assert.equal(await commits(saveDispatch(setting, { ...late, basedOn, state })), false);
    }
    assert.deepEqual(present(await read((tx) => tx.dispatches.load(id))).dispatch, first.state);
    assert.deepEqual(await exception(exceptionId), before);
    assert.deepEqual(await harness.attemptsOf(tenant, id), [first.attempt]);
    assert.equal((await history(exceptionId)).length, 2);
  },

  'commits a dispatch with its attempt, its events and its exception, or none of them': async (setting) => {
    const { harness, tenant, exception, history, read } = setting;
    const { id, exceptionId } = await sending(setting);
    const change = await decided(setting, id, created);
    const before = await read((tx) => tx.dispatches.load(id));
    const nothingSaved = async () => {
      assert.deepEqual(await read((tx) => tx.dispatches.load(id)), before);
      assert.deepEqual(await harness.attemptsOf(tenant, id), []);
      assert.equal((await history(exceptionId)).length, 2);
    };
    const refusal = refuse({ code: 'still_pending', waitsFor: 'approval' });
    await setting.run(async (tx) => {
      await tx.dispatches.save(change);
      return refusal;
    });
    await nothingSaved();
    const touched = present(change.exception);
    const stale = { ...touched, basedOn: 1, state: { ...touched.state, version: 2 } };
    assert.equal(await commits(saveDispatch(setting, { ...change, exception: stale })), false);
    await nothingSaved();
    accepted(await saveDispatch(setting, change));
    assert.deepEqual(present(await exception(exceptionId)).exception, touched.state);
    assert.deepEqual(present(await read((tx) => tx.dispatches.load(id))).dispatch, change.state);
    assert.deepEqual(await harness.attemptsOf(tenant, id), [present(change.attempt)]);
    const appended = (await history(exceptionId)).slice(2);
    assert.deepEqual(sorted(appended), sorted([...touched.events, ...change.events]));
  },
};
