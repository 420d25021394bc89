import type { Handled } from './handle-many';
import type { ReplyCodec } from './command-meta';
import { ok, refuse } from '../result';
import { sampleCommands } from '../testing';
import { aDesk, meta } from '../testing/a-desk';
import { accepted, verdict } from '../testing/outcomes';

const { exception: sample } = sampleCommands;
const nobody = '019b7c00-0000-7000-8000-00000000040a';
const notFound = (id: string) => refuse({ code: 'not_found', what: 'exception', id });

describe('a command to many', () => {
  it('has one outcome for each, in the order they were named, and is kept', async () => {
    const { desk, raised, found, types } = aDesk();
    const [one, two, done] = [
      await raised({ reason: 'ONE' }),
      await raised({ reason: 'TWO' }),
      await raised({ reason: 'DONE' }),
    ];
    accepted(await desk.handle(done.id, sample.resolve, meta));
    const ids = [two.id, nobody, done.id, one.id];
    const handled = accepted(await desk.handleAll(ids, sample.assign, meta));
    expect(handled.map(({ id }) => id)).toEqual(ids);
    expect(handled.map(({ outcome }) => verdict(outcome))).toEqual(['ok', 'not_found', 'not_allowed', 'ok']);
    for (const { id, outcome } of handled.filter((each) => each.outcome.ok)) {
      expect(await found(id)).toEqual(accepted(outcome).state);
      expect(types(id)).toEqual(['exception.raised', 'exception.assigned']);
    }
    expect(await found(done.id)).toMatchObject({ version: 2, status: 'RESOLVED' });
  });

  it('is given once to whom it names twice, in whatever letter case', async () => {
    const { desk, raised, types } = aDesk();
    const { id } = await raised();
    const ids = [id.toUpperCase(), id, nobody.toUpperCase(), nobody];
    const handled = accepted(await desk.handleAll(ids, sample.assign, meta));
    expect(handled).toEqual([
      { id, outcome: expect.objectContaining({ ok: true }) },
      { id: nobody, outcome: notFound(nobody) },
    ]);
    expect(types(id)).toHaveLength(2);
  });

  it('to an empty list does nothing', async () => {
    expect(accepted(await aDesk().desk.handleAll([], sample.assign, meta))).toEqual([]);
  });

  it('is refused as a whole when it is malformed, and uses no key up', async () => {
    const { desk, raised, types } = aDesk();
    const { id } = await raised();
    const asked = { ...meta, idempotency: { key: 'k', fingerprint: 'f' } };
    const malformed = { type: 'assign', assignee: ' ' } as const;
    for (const ids of [[id, nobody], [nobody], []])
      expect(verdict(await desk.handleAll(ids, malformed, asked))).toBe('invalid_value');
    expect(types(id)).toHaveLength(1);
    expect(verdict(await desk.handleAll([id], sample.assign, asked))).toBe('ok');
    expect(types(id)).toHaveLength(2);
  });

  it('is refused as a whole for another number than was expected, and that uses the key up', async () => {
    const { desk, raised, types } = aDesk();
    const { id } = await raised();
    const asked = { ...meta, idempotency: { key: 'k', fingerprint: 'f' } };
    const handle = (expected: number) =>
      desk.handleAll([id, id.toUpperCase()], sample.assign, asked, expected);
    for (const expected of [2, 1])
      expect(await handle(expected)).toEqual(refuse({ code: 'unexpected_count', expected: 2, actual: 1 }));
    expect(types(id)).toHaveLength(1);
    const counted = await desk.handleAll([id, id.toUpperCase()], sample.assign, meta, 1);
    expect(accepted(counted)).toHaveLength(1);
    expect(types(id)).toHaveLength(2);
  });

  it('is given once for one key, and answered in the words it is given', async () => {
    const { desk, raised, types } = aDesk();
    const { id } = await raised();
    const reply: ReplyCodec<readonly Handled[], string[]> = {
      present: (outcome) => accepted(outcome).map((each) => verdict(each.outcome)),
      encode: (words) => words.join(),
      decode: (kept) => ['again', kept],
    };
    const asked = { ...meta, idempotency: { key: 'k', fingerprint: 'f' }, reply };
    const answer = () => desk.handleAll([id], sample.assign, asked);
    expect(await answer()).toEqual(['ok']);
    expect(await answer()).toEqual(['again', 'ok']);
    expect(types(id)).toHaveLength(2);
  });

  it('can be previewed', async () => {
    const { desk, raised, found, types } = aDesk();
    const before = await raised();
    const preview = { ...meta, preview: true };
    const [handled] = accepted(await desk.handleAll([before.id], sample.adjust_entry, preview));
    expect(accepted(handled!.outcome).state.status).toBe('RESOLVED');
    expect(await found(before.id)).toEqual(before);
    expect(types(before.id)).toHaveLength(1);
  });
});

describe('orders of their own for many', () => {
  it('are carried out one after the other, as one change, or refused as a whole', async () => {
    const { uow, desk, raised, found, types } = aDesk();
    const [one, two, three] = [
      await raised({ reason: 'ONE' }),
      await raised({ reason: 'TWO' }),
      await raised({ reason: 'THREE' }),
    ];
    const orders = [
      { id: one.id.toUpperCase(), commands: () => ok([sample.assign, sample.adjust_entry]) },
      { id: two.id, commands: () => ok([sample.assign, sample.confirm]) },
      { id: three.id, commands: () => ok([]) },
      { id: nobody, commands: () => ok([sample.assign]) },
    ];
    const outcomes = accepted(await desk.handleEach(orders, meta)).map(({ outcome }) => outcome);
    expect(outcomes.map(verdict)).toEqual(['ok', 'not_allowed', 'ok', 'not_found']);
    const { basedOn, state, adjustment } = accepted(outcomes[0]!);
    expect([basedOn, state.version, state.assignedTo]).toEqual([1, 3, 'bo']);
    expect(await found(one.id)).toEqual(state);
    expect(uow.adjustments('acme', one.id)).toEqual([adjustment]);
    expect(types(one.id).slice(1)).toEqual(['exception.assigned', 'exception.entry_adjusted']);
    for (const untouched of [two, three]) expect(await found(untouched.id)).toEqual(untouched);
  });

  it('may depend on what is there, and on its version', async () => {
    const { desk, raised } = aDesk();
    const [one, two] = [await raised({ reason: 'ONE' }), await raised({ reason: 'TWO' })];
    accepted(await desk.handle(two.id, sample.assign, meta));
    const orders = [one, two].map(({ id }) => ({
      id,
      expectedVersion: 1,
      commands: ({ reason }: { reason: string }) =>
        ok([{ ...sample.assign, assignee: `owner of ${reason}` }]),
    }));
    const [first, second] = accepted(await desk.handleEach(orders, meta));
    expect(accepted(first!.outcome).state.assignedTo).toBe('owner of ONE');
    expect(second!.outcome).toEqual(refuse({ code: 'stale_version', expected: 1, actual: 2 }));
  });
});
