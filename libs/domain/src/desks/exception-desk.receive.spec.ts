import { refuse } from '../result';
import { aCallback, aReport, sampleCommands } from '../testing';
import { aDesk, meta } from '../testing/a-desk';
import { accepted, verdict } from '../testing/outcomes';

const { exception: sample } = sampleCommands;
const nobody = '019b7c00-0000-7000-8000-00000000040a';
const notFound = (id: string) => refuse({ code: 'not_found', what: 'exception', id });

describe('what an external system says', () => {
  it('reaches the exception it is about', async () => {
    const { desk, raised, found, types } = aDesk();
    const { id } = await raised();
    accepted(await desk.handle(id, { type: 'dispatch', target: 'JIRA' }, meta));
    const said = (over: object) => desk.receive(id, aCallback(over), meta);
    expect(accepted(await said({ status: 'ASSIGNED' })).state.status).toBe('ASSIGNED');
    accepted(await said({ updatedAt: '2020-01-01T00:00:00.000Z' }));
    const { state } = accepted(await said({}));
    expect(await found(id)).toEqual(state);
    expect(types(id).slice(2)).toEqual([
      'exception.returned',
      'exception.callback_ignored',
      'exception.resolved',
    ]);
  });

  it('is refused, repeated and previewed like any command', async () => {
    const { desk, raised, types } = aDesk();
    const { id } = await raised();
    expect(await desk.receive(nobody, aCallback(), meta)).toEqual(notFound(nobody));
    expect(await desk.receive(id, aCallback(), meta)).toEqual(refuse({ code: 'callback_mismatch' }));
    accepted(await desk.handle(id, { type: 'dispatch', target: 'JIRA' }, meta));
    expect(await desk.receive(id, aCallback(), { ...meta, expectedVersion: 1 })).toEqual(
      refuse({ code: 'stale_version', expected: 1, actual: 2 }),
    );
    const asked = { ...meta, idempotency: { key: 'k', fingerprint: 'f' } };
    accepted(await desk.receive(id, aCallback(), { ...asked, preview: true }));
    expect(types(id)).toHaveLength(2);
    const first = await desk.receive(id, aCallback(), asked);
    expect(accepted(first).state.status).toBe('RESOLVED');
    expect(await desk.receive(id, aCallback(), asked)).toEqual(first);
    expect(types(id)).toHaveLength(3);
  });
});

describe('a preview', () => {
  it('tells what raising and handling would come to, and does neither', async () => {
    const { uow, desk, raised, found, types } = aDesk();
    const preview = { ...meta, preview: true };
    const before = await raised();
    const { state } = accepted(await desk.raise(aReport({ reason: 'NEW' }), preview));
    expect(await desk.find('acme', state.id)).toEqual(notFound(state.id));
    expect(accepted(await desk.raise(aReport(), preview)).state.seenCount).toBe(2);
    const previewed = accepted(await desk.handle(before.id, sample.adjust_entry, preview));
    expect(await found(before.id)).toEqual(before);
    expect(uow.adjustments('acme', before.id)).toEqual([]);
    expect(types(before.id)).toHaveLength(1);
    expect(accepted(await desk.handle(before.id, sample.adjust_entry, meta)).state).toEqual(previewed.state);
    expect(verdict(await desk.handle(before.id, sample.adjust_entry, preview))).toBe('not_allowed');
  });
});
