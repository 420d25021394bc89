import assert from 'node:assert/strict';
import { DispatchDesk, type Work } from '../../desks/dispatch-desk';
import { headStartMs, leaseMs } from '../../dispatch/dispatch';
import type { Report } from '../../dispatch/attempt-result';
import type { DispatchTarget } from '../../value/dispatch-target';
import type { LoadedDispatch } from '../../ports/stores';
import { accepted, atOnce, present, targetsOf, verdict, type Promises, type Setting } from './setting';
import { now } from '../builders';
import { assertKeepsReplies } from './kept-replies';

const created: Report = {
  kind: 'send',
  answer: { outcome: 'created', reference: 'OPS-1', url: 'https://x.test/1' },
};
const lost: Report = { kind: 'send', answer: { outcome: 'unknown', problem: 'The connection broke.' } };
const received: Report = {
  kind: 'send',
  answer: { outcome: 'received', problem: 'It answered 201 and {}.' },
};
const none: Report = { kind: 'find', answer: { outcome: 'none', conclusive: true } };
const refused: Report = { kind: 'send', answer: { outcome: 'refused', problem: 'No such project.' } };

const later = (ms: number) => (): Date => new Date(Date.parse(now) + ms);

const deskAt = ({ harness: { uow, newId } }: Setting, ms = headStartMs): DispatchDesk =>
  new DispatchDesk({ uow, newId, clock: later(ms) });

const loaded = ({ read }: Setting, id: string): Promise<LoadedDispatch | undefined> =>
  read((tx) => tx.dispatches.load(id));

async function reserved(setting: Setting, target: DispatchTarget = 'JIRA') {
  const { id } = await setting.raised();
  const { exceptions, meta } = setting;
  const { dispatch } = accepted(
    await exceptions.handle(id, { type: 'dispatch', target, queue: 'ops' }, meta()),
  );
  return { exceptionId: id, dispatch: present(dispatch) };
}

async function taken(setting: Setting, desk: DispatchDesk, id: string): Promise<Work> {
  const work = await desk.claim(setting.tenant, id);
  assert.ok(work !== undefined && work !== 'later');
  return work;
}

/** A dispatch is sent once, also after a crash. */
export const dispatches: Promises = {
  'keeps a dispatch as it was reserved, with its exception': async (setting) => {
    const { exceptionId, dispatch } = await reserved(setting);
    const found = present(await loaded(setting, dispatch.id.toUpperCase()));
    assert.deepEqual(found.dispatch, dispatch);
    assert.equal(found.exception.id, exceptionId);
    assert.deepEqual(found.facts, (await setting.exception(exceptionId))?.facts);
    assert.equal(await loaded(setting, setting.newId()), undefined);
    assert.equal(await loaded(setting, 'no id'), undefined);
  },

  'keeps every step of a dispatch': async (setting) => {
    const { dispatch } = await reserved(setting);
    const desk = deskAt(setting);
    const work = await taken(setting, desk, dispatch.id);
    assert.deepEqual((await loaded(setting, dispatch.id))?.dispatch, work.dispatch);
    const { state } = accepted(await desk.report(setting.tenant, work, lost));
    assert.equal(state.state, 'UNKNOWN');
    assert.deepEqual((await loaded(setting, dispatch.id))?.dispatch, state);
    const looking = await taken(setting, deskAt(setting, 600_000), dispatch.id);
    const tickets = ['OPS-1', 'OPS-2'].map((reference) => ({ reference }));
    const found: Report = { kind: 'find', answer: { outcome: 'found', tickets } };
    const confirmed = accepted(await desk.report(setting.tenant, looking, found)).state;
    assert.deepEqual(confirmed.duplicates, ['OPS-2']);
    assert.deepEqual((await loaded(setting, dispatch.id))?.dispatch, confirmed);
  },

  'remembers for life what bounds resends': async (setting) => {
    const { dispatch } = await reserved(setting);
    const desk = deskAt(setting, 600_000);
    const step = async (report: Report) => {
      const { state } = accepted(
        await desk.report(setting.tenant, await taken(setting, desk, dispatch.id), report),
      );
      assert.deepEqual((await loaded(setting, dispatch.id))?.dispatch, state);
      return state;
    };
    assert.equal((await step(lost)).doubtfulSends, 1);
    const settled = deskAt(setting, 1_200_000);
    for (let i = 0; i < 3; i++)
      accepted(await settled.report(setting.tenant, await taken(setting, settled, dispatch.id), none));
    const again = await taken(setting, settled, dispatch.id);
    assert.deepEqual([again.kind, again.dispatch.sends, again.dispatch.doubtfulSends], ['send', 2, 1]);
    const { state } = accepted(await settled.report(setting.tenant, again, received));
    assert.deepEqual([state.state, state.receivedAt], ['UNKNOWN', later(1_200_000)().toISOString()]);
    assert.deepEqual((await loaded(setting, dispatch.id))?.dispatch, state);
  },

  'lets one of twenty take on what is due': async (setting) => {
    const { dispatch } = await reserved(setting);
    const desk = deskAt(setting);
    const claims = await atOnce(20, () => desk.claim(setting.tenant, dispatch.id));
    assert.equal(claims.filter((claim) => claim !== undefined && claim !== 'later').length, 1);
    assert.equal((await loaded(setting, dispatch.id))?.dispatch.sends, 1);
  },

  'gives nothing to do before it is due, and to no other tenant': async (setting) => {
    const { dispatch } = await reserved(setting);
    assert.equal(await deskAt(setting, 0).claim(setting.tenant, dispatch.id), 'later');
    assert.equal(await deskAt(setting).claim(`${setting.tenant}, another`, dispatch.id), undefined);
  },

  'tells the exception the reference of its ticket, once': async (setting) => {
    const { exceptionId, dispatch } = await reserved(setting);
    const desk = deskAt(setting);
    const work = await taken(setting, desk, dispatch.id);
    const outcomes = await atOnce(5, () => desk.report(setting.tenant, work, created));
    assert.deepEqual(outcomes.map(verdict).sort(), ['ok', ...Array<string>(4).fill('stale_version')].sort());
    const { exception, facts } = present(await setting.exception(exceptionId));
    assert.deepEqual([exception.version, exception.externalIssueId], [3, 'OPS-1']);
    assert.deepEqual(facts.liveDispatches, [{ id: dispatch.id, target: 'JIRA', externalReference: 'OPS-1' }]);
    const types = (await setting.history(exceptionId)).map(({ type }) => type);
    assert.deepEqual(types, ['exception.raised', 'exception.dispatched', 'dispatch.confirmed']);
  },

  'gives the exception back when the other side refuses': async (setting) => {
    const { exceptionId, dispatch } = await reserved(setting);
    const desk = deskAt(setting);
    accepted(await desk.report(setting.tenant, await taken(setting, desk, dispatch.id), refused));
    const { exception, facts } = present(await setting.exception(exceptionId));
    assert.deepEqual(
      [exception.status, exception.externalSystem, facts.liveDispatches],
      ['OPEN', undefined, []],
    );
    const types = (await setting.history(exceptionId)).map(({ type }) => type).slice(2);
    assert.deepEqual(types.sort(), ['dispatch.failed', 'exception.returned']);
    const again = await setting.exceptions.handle(
      exceptionId,
      { type: 'dispatch', target: 'JIRA' },
      setting.meta(),
    );
    accepted(again);
  },

  'leaves it to the other one when one of two refuses': async (setting) => {
    const { exceptionId, dispatch: first } = await reserved(setting);
    const desk = deskAt(setting);
    accepted(await desk.report(setting.tenant, await taken(setting, desk, first.id), created));
    const command = { type: 'dispatch', target: 'SERVICENOW' } as const;
    const { dispatch } = accepted(await setting.exceptions.handle(exceptionId, command, setting.meta()));
    accepted(await desk.report(setting.tenant, await taken(setting, desk, present(dispatch).id), refused));
    const found = present(await setting.exception(exceptionId));
    assert.deepEqual(targetsOf(found), ['JIRA']);
    const { status, externalSystem, externalIssueId } = found.exception;
    assert.deepEqual([status, externalSystem, externalIssueId], ['PENDING_RESOLUTION', 'JIRA', 'OPS-1']);
  },

  'does not send a recalled ticket that a worker was about to send': async (setting) => {
    const { exceptionId, dispatch } = await reserved(setting);
    const desk = deskAt(setting);
    const [recalled, claim] = await Promise.all([
      setting.exceptions.handle(exceptionId, { type: 'recall' }, setting.meta()),
      desk.claim(setting.tenant, dispatch.id),
    ]);
    accepted(recalled);
    const { state, live } = present(await loaded(setting, dispatch.id)).dispatch;
    assert.equal(live, false);
    // Either it was on its way before it was taken back, or it never left.
    if (claim === undefined) assert.equal(state, 'FAILED');
    else assert.equal(state, 'SENDING');
  },

  'takes a sender whose lease is over for gone': async (setting) => {
    const { dispatch } = await reserved(setting);
    const work = await taken(setting, deskAt(setting), dispatch.id);
    const late = deskAt(setting, headStartMs + leaseMs);
    assert.equal(await late.claim(setting.tenant, dispatch.id), undefined);
    assert.equal((await loaded(setting, dispatch.id))?.dispatch.state, 'UNKNOWN');
    assert.equal(verdict(await late.report(setting.tenant, work, lost)), 'stale_version');
  },

  'records the ticket that a late answer names, and overwrites no other': async (setting) => {
    const { exceptionId, dispatch } = await reserved(setting);
    const work = await taken(setting, deskAt(setting), dispatch.id);
    const late = deskAt(setting, headStartMs + leaseMs);
    assert.equal(await late.claim(setting.tenant, dispatch.id), undefined);
    const { state } = accepted(await late.report(setting.tenant, work, created));
    assert.deepEqual([state.state, state.externalReference], ['CONFIRMED', 'OPS-1']);
    assert.equal((await setting.exception(exceptionId))?.exception.externalIssueId, 'OPS-1');
    assert.equal(verdict(await late.report(setting.tenant, work, created)), 'stale_version');
    const other: Report = { kind: 'send', answer: { outcome: 'created', reference: 'OPS-2' } };
    const { state: flagged } = accepted(await late.report(setting.tenant, work, other));
    assert.deepEqual([flagged.externalReference, flagged.duplicates], ['OPS-1', ['OPS-2']]);
    assert.deepEqual((await loaded(setting, dispatch.id))?.dispatch, flagged);
    const types = (await setting.history(exceptionId)).map(({ type }) => type).slice(2);
    assert.deepEqual(types, ['dispatch.confirmed', 'dispatch.duplicated']);
  },

  'does not send again after a success that is told late': async (setting) => {
    const { dispatch } = await reserved(setting);
    const work = await taken(setting, deskAt(setting), dispatch.id);
    const late = deskAt(setting, headStartMs + leaseMs);
    assert.equal(await late.claim(setting.tenant, dispatch.id), undefined);
    const { state } = accepted(await late.report(setting.tenant, work, received));
    assert.deepEqual([state.state, state.doubtfulSends], ['UNKNOWN', 1]);
    assert.ok(state.receivedAt);
    assert.equal(verdict(await late.report(setting.tenant, work, received)), 'stale_version');
  },

  'adds a note for every ticket when something changes here': async (setting) => {
    const { exceptionId, dispatch } = await reserved(setting);
    const desk = deskAt(setting);
    accepted(await desk.report(setting.tenant, await taken(setting, desk, dispatch.id), created));
    const { comments, exceptions, meta } = setting;
    const said = accepted(await comments.add(exceptionId, 'Ask the bank.', meta()));
    const resolve = { type: 'resolve', resolution: 'Paid twice' } as const;
    const resolved = accepted(await exceptions.handle(exceptionId, resolve, meta()));
    const notes = [...(said.notes ?? []), ...(resolved.notes ?? [])];
    assert.equal(notes.length, 2);
    for (const note of notes) {
      const found = present(await loaded(setting, note.id));
      assert.deepEqual(found.dispatch, note);
      assert.equal(found.ticket?.externalReference, 'OPS-1');
      const work = await taken(setting, desk, note.id);
      assert.equal(work.ticketReference, 'OPS-1');
    }
  },

  'keeps replies letter by letter, and a provisional one until it is settled, once': ({
    harness,
    tenant,
    newId,
  }) => assertKeepsReplies(harness.uow, tenant, newId),
};
