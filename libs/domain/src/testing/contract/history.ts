import assert from 'node:assert/strict';
import { decide } from '../../exception/exception';
import { sampleCommands } from '../builders';
import { accepted, type Promises } from './setting';

const { exception: sample, dispute: ofDisputes } = sampleCommands;

/** A state and the events that led to it are kept together. */
export const history: Promises = {
  'keeps the events of a change with its state, in order, letter by letter': async (setting) => {
    const { exceptions, meta, newId, history } = setting;
    const report = { transactionId: newId(), reason: 'LATE "again"\n😀', metadata: { 'a b': '\\' } };
    const raised = accepted(await exceptions.raise(report, meta()));
    const { id } = raised.state;
    const changes = [raised];
    for (const command of [sample.assign, sample.dispatch, sample.return, sample.adjust_entry]) {
      changes.push(accepted(await exceptions.handle(id, command, meta({ actor: 'bo' }))));
    }
    assert.deepEqual(
      await history(id),
      changes.flatMap(({ events }) => events),
    );
  },

  'keeps all events of a change that has several': async ({ raised, save, ctx, exception, history }) => {
    const before = await raised();
    const assigned = accepted(decide(before, sample.assign, ctx()));
    const resolved = accepted(decide(assigned.state, sample.resolve, ctx()));
    const both = { ...resolved, basedOn: before.version, events: [...assigned.events, ...resolved.events] };
    await save(both);
    assert.deepEqual((await exception(before.id))?.exception, resolved.state);
    assert.deepEqual((await history(before.id)).slice(1), both.events);
  },

  'tells the changes of a dispute in the history of its exception, in order': async (setting) => {
    const { raised, exceptions, disputes, disputed, meta, history } = setting;
    const { id } = await raised();
    const { id: disputeId } = await disputed(id);
    const submitted = accepted(await disputes.handle(disputeId, ofDisputes.submit_evidence, meta()));
    accepted(await exceptions.handle(id, sample.assign, meta()));
    accepted(await disputes.handle(disputeId, ofDisputes.win, meta()));
    accepted(await exceptions.handle(id, sample.resolve, meta()));

    const lines = await history(id);
    assert.deepEqual(
      lines.map(({ type, disputeId: of, version }) => [type, of, version]),
      [
        ['exception.raised', undefined, 1],
        ['dispute.opened', disputeId, 1],
        ['dispute.evidence_submitted', disputeId, 2],
        ['exception.assigned', undefined, 2],
        ['dispute.won', disputeId, 3],
        ['exception.resolved', undefined, 3],
      ],
    );
    assert.deepEqual(lines[2], submitted.events[0]);
  },

  'keeps the histories of two exceptions apart': async ({ raised, disputed, exceptions, meta, history }) => {
    const [one, two] = [await raised(), await raised()];
    accepted(await exceptions.handle(two.id, sample.assign, meta()));
    await disputed(one.id);
    const types = async (id: string) => (await history(id)).map(({ type }) => type);
    assert.deepEqual(await types(one.id), ['exception.raised', 'dispute.opened']);
    assert.deepEqual(await types(two.id), ['exception.raised', 'exception.assigned']);
  },
};
