import type { ExceptionChange } from '../exception/exception.change';
import type { ExceptionStatus } from '../exception/exception.lifecycle';
import { defaultPolicy } from '../exception/policy';
import { refuse } from '../result';
import { aReport, sampleCommands } from '../testing';
import { aDesk, meta } from '../testing/a-desk';
import { accepted } from '../testing/outcomes';
import type { ReplyCodec } from './command-meta';

const { exception: sample } = sampleCommands;
const nobody = '019b7c00-0000-7000-8000-000000000404';

describe('the desk of exceptions', () => {
  it('raises, handles and finds', async () => {
    const { desk, raised, types } = aDesk();
    const { id } = await raised();
    const { state } = accepted(await desk.handle(id, sample.assign, meta));
    expect(accepted(await desk.find('acme', id))).toEqual({
      exception: state,
      facts: { activeDisputes: [], liveDispatches: [] },
    });
    expect(types(id)).toEqual(['exception.raised', 'exception.assigned']);
  });

  it('says what it cannot find', async () => {
    const { desk, raised } = aDesk();
    const { id } = await raised();
    const expected = refuse({ code: 'not_found', what: 'exception', id: nobody });
    expect(await desk.find('acme', nobody)).toEqual(expected);
    expect(await desk.handle(nobody, sample.assign, meta)).toEqual(expected);
    expect(await desk.find('other', id)).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
  });

  it('handles only the version that was asked for', async () => {
    const { desk, raised, types } = aDesk();
    const { id } = await raised();
    accepted(await desk.handle(id, sample.assign, { ...meta, expectedVersion: 1 }));
    expect(await desk.handle(id, sample.resolve, { ...meta, expectedVersion: 1 })).toEqual(
      refuse({ code: 'stale_version', expected: 1, actual: 2 }),
    );
    expect(types(id)).toHaveLength(2);
  });

  it('changes nothing when it refuses', async () => {
    const { desk, raised, types } = aDesk();
    const before = await raised();
    expect((await desk.handle(before.id, sample.unassign, meta)).ok).toBe(false);
    expect(accepted(await desk.find('acme', before.id)).exception).toEqual(before);
    expect(types(before.id)).toHaveLength(1);
  });

  it('posts an adjustment with the resolution', async () => {
    const { uow, desk, raised } = aDesk();
    const { id } = await raised();
    const { adjustment } = accepted(await desk.handle(id, sample.adjust_entry, meta));
    expect(uow.adjustments('acme', id)).toEqual([adjustment]);
  });

  it('asks the facts: what is out there already is not handed over again', async () => {
    const { desk, raised } = aDesk();
    const { id } = await raised();
    accepted(await desk.handle(id, sample.dispatch, meta));
    expect(await desk.handle(id, sample.dispatch, meta)).toEqual(
      refuse({ code: 'already_dispatched', target: 'MANUAL' }),
    );
    accepted(await desk.handle(id, sample.recall, meta));
    accepted(await desk.handle(id, sample.dispatch, meta));
  });

  it('works by its policy', async () => {
    const strict = aDesk({
      ...defaultPolicy,
      connectors: ['JIRA'],
      dueHours: { ...defaultPolicy.dueHours, LOW: 1 },
    });
    const exception = await strict.raised();
    expect(exception.dueAt).toBe('2026-01-02T04:04:05.678Z');
    accepted(await strict.desk.handle(exception.id, { type: 'dispatch', target: 'JIRA' }, meta));
    expect(await strict.desk.handle(exception.id, { type: 'dispatch', target: 'WEBHOOK' }, meta)).toEqual(
      refuse({ code: 'connector_not_configured', target: 'WEBHOOK' }),
    );
  });

  it('does the work of one key once', async () => {
    const { desk, raised, types } = aDesk();
    const { id } = await raised();
    const asked = { ...meta, idempotency: { key: 'k', fingerprint: 'assign' } };
    const first = await desk.handle(id, sample.assign, asked);
    expect(await desk.handle(id, sample.assign, asked)).toEqual(first);
    expect(types(id)).toHaveLength(2);
  });

  it('answers in the words it is given', async () => {
    const { desk, raised } = aDesk();
    const { id } = await raised();
    const reply: ReplyCodec<ExceptionChange, ExceptionStatus> = {
      present: (outcome) => accepted(outcome).state.status,
      encode: (answer) => answer,
      decode: (kept) => kept as 'ASSIGNED',
    };
    const status: ExceptionStatus = await desk.handle(id, sample.assign, { ...meta, reply });
    expect(status).toBe('ASSIGNED');
  });
});

describe('raising at the desk', () => {
  it('counts what is unresolved already, and starts anew once it is resolved', async () => {
    const { desk, raised } = aDesk();
    const { id } = await raised();
    expect(await raised()).toMatchObject({ id, seenCount: 2, version: 1 });
    accepted(await desk.handle(id, sample.resolve, meta));
    expect(await raised()).toMatchObject({ seenCount: 1, version: 1, status: 'OPEN' });
    expect((await raised()).id).not.toBe(id);
  });

  it('raises a batch with one outcome for each report', async () => {
    const { desk, raised } = aDesk();
    const { id } = await raised();
    const outcomes = await desk.raiseAll(
      [aReport({ reason: 'LATE' }), aReport({ reason: ' ' }), aReport()],
      meta,
    );
    expect(outcomes).toMatchObject([
      { ok: true, value: { basedOn: 0, state: { reason: 'LATE' } } },
      { ok: false, refusal: { code: 'invalid_value', field: 'reason' } },
      { ok: true, value: { basedOn: 1, state: { id, seenCount: 2 } } },
    ]);
    for (const outcome of outcomes.filter(({ ok }) => ok)) {
      const { state } = accepted(outcome);
      expect(accepted(await desk.find('acme', state.id)).exception).toEqual(state);
    }
  });

  it('refuses a whole batch whose key was used for another', async () => {
    const { desk } = aDesk();
    const asked = (fingerprint: string) => ({ ...meta, idempotency: { key: 'k', fingerprint } });
    const [first] = await desk.raiseAll([aReport()], asked('one'));
    expect(await desk.raiseAll([aReport()], asked('one'))).toEqual([first]);
    const reused = refuse({ code: 'idempotency_key_reused' });
    expect(await desk.raiseAll([aReport(), aReport()], asked('two'))).toEqual([reused, reused]);
  });
});
