import assert from 'node:assert/strict';
import type { ConnectionTarget } from '../../connection/connection';
import { ExceptionDesk } from '../../desks/exception-desk';
import { CommentDesk } from '../../desks/comment-desk';
import { DispatchDesk } from '../../desks/dispatch-desk';
import type { Dispatch } from '../../dispatch/dispatch';
import { decide } from '../../exception/exception';
import { dispatchTargets } from '../../value/dispatch-target';
import { defaultPolicy } from '../../exception/policy';
import type { InboundMessage } from '../../inbound/message';
import type { InboundMatch, InboundQuery, InboundTransaction } from '../../ports/inbound-store';
import type { Session, UnitOfWork } from '../../ports/stores';
import { ok, refuse, type Result } from '../../result';
import { laterBy } from '../../value/timestamp';
import { aContext, aReport, fixedClock, now } from '../builders';
import { accepted } from '../outcomes';
import { atOnce, commits, present } from './setting';

/** A store of inbound messages to be put to the test, and what no port shows of it. */
export type InboundHarness = Readonly<{
  uow: UnitOfWork<InboundTransaction>;
  /** That of exceptions and dispatches in the same storage. */
  desk: UnitOfWork;
  /** UUIDs that were never given out before, in ascending order. */
  newId(): string;
  /** The stored messages of a tenant, in the order in which they were received. */
  messagesOf(tenant: string): Promise<readonly InboundMessage[]>;
}>;

export type InboundSetting = ReturnType<typeof freshInbound>;
type Promises = Readonly<Record<string, (setting: InboundSetting) => Promise<void>>>;

const digestOf = (n: number): string => n.toString(16).padStart(64, '0');

export function freshInbound(harness: InboundHarness) {
  const { uow, desk, newId } = harness;
  const tenant = `tenant ${newId()}`;
  const connectionId = newId();
  const ports = { uow: desk, clock: fixedClock, newId };
  const exceptions = new ExceptionDesk(ports, { ...defaultPolicy, connectors: dispatchTargets });
  const comments = new CommentDesk(ports);
  const dispatches = new DispatchDesk(ports);
  const meta = { tenant, actor: 'ana' };
  let count = 0;
  const message = (over: Partial<InboundMessage> = {}): InboundMessage => {
    const n = ++count;
    return {
      ...{ id: newId(), connectionId, target: 'JIRA', messageId: `message ${n}`, digest: digestOf(n) },
      ...{ receivedAt: now, kind: 'jira:issue_updated', outcome: 'recorded', body: `{"n":${n}}` },
      ...over,
    };
  };
  const run = <T>(
    work: (tx: InboundTransaction) => Promise<Result<T>>,
    over: Partial<Session> = {},
  ): Promise<Result<T>> => uow.run({ tenant, ...over }, work);
  return {
    ...{ harness, tenant, connectionId, newId, message, run },
    find: async (over: Partial<InboundQuery> = {}): Promise<InboundMatch> => {
      const unseen = { messageId: `unseen ${newId()}`, digest: digestOf(9_999), marks: [] };
      const query = { connectionId, target: 'JIRA' as ConnectionTarget, ...unseen, ...over };
      return accepted(await run(async (tx) => ok(await tx.messages.find(query))));
    },
    keep: (one: InboundMessage, over?: Partial<Session>): Promise<Result<unknown>> =>
      run(async (tx) => {
        await tx.messages.keep(one);
        return ok(undefined);
      }, over),
    messages: () => harness.messagesOf(tenant),
    raised: async () => accepted(await exceptions.raise(aReport({ transactionId: newId() }), meta)).state,
    /** A ticket in the external system, with a reference when it is confirmed. */
    dispatched: async (exceptionId: string, reference?: string, id?: string): Promise<Dispatch> => {
      const ordered = await exceptions.handle(exceptionId, { type: 'dispatch', target: 'JIRA' }, meta);
      const dispatch = present(accepted(ordered).dispatch);
      if (reference === undefined) return dispatch;
      const work = await dispatches.claim(tenant, dispatch.id, { early: true });
      assert.ok(work !== undefined && work !== 'later');
      const answer = { outcome: 'created', reference, ...(id && { id }) } as const;
      const confirmed = await dispatches.report(tenant, work, { kind: 'send', answer });
      return accepted(confirmed).state;
    },
    recalled: async (exceptionId: string) =>
      accepted(await exceptions.handle(exceptionId, { type: 'recall' }, meta)),
    commented: async (exceptionId: string) => accepted(await comments.add(exceptionId, 'Looks odd.', meta)),
  };
}

export const inbound: Promises = {
  'keeps a message as it was received, letter by letter': async ({ message, keep, messages, newId }) => {
    const whole = message({
      ...{ externalReference: 'OPS-1 “ü”', changedAt: now, exceptionId: newId(), dispatchId: newId() },
      ...{ reason: 'It asks for what is not done.', body: '{"summary":"Zürich – 1 000 €\\n"}' },
    });
    const least = message();
    accepted(await keep(whole));
    accepted(await keep(least));
    assert.deepEqual(await messages(), [whole, least]);
  },

  'knows a message by its id or by its digest, within its connection': async (setting) => {
    const { message, keep, find, newId } = setting;
    const kept = message();
    assert.equal((await find(kept)).seen, false);
    accepted(await keep(kept));
    const { messageId, digest } = kept;
    const seen = [
      await find({ messageId, digest }),
      await find({ messageId }),
      await find({ digest }),
      await find(),
      await find({ messageId, digest, connectionId: newId() }),
    ].map((match) => match.seen);
    assert.deepEqual(seen, [true, true, true, false, false]);
  },

  'keeps a message once, also when it comes several times at once': async (setting) => {
    const { message, keep, messages, newId } = setting;
    const kept = message();
    const copiesBy = [{ messageId: kept.messageId }, { digest: message().digest }];
    for (const [round, same] of copiesBy.entries()) {
      const copies = [message(same), message(same), message(same)];
      const committed = await atOnce(copies.length, (n) => commits(keep(present(copies[n]))));
      assert.equal(committed.filter(Boolean).length, 1);
      assert.equal((await messages()).length, round + 1);
    }
    assert.equal(await commits(keep(kept)), false);
    accepted(await keep({ ...kept, id: newId(), connectionId: newId() }));
    assert.equal((await messages()).length, 3);
  },

  'finds the latest change of a ticket that a message of the connection changes of': async (setting) => {
    const { message, keep, find, newId } = setting;
    const [early, late] = [laterBy(now, -1000), laterBy(now, 1)];
    const changes = [{ changedAt: early }, { changedAt: late }, { changedAt: now }, {}];
    for (const over of changes) accepted(await keep(message({ externalReference: 'OPS-1', ...over })));
    accepted(await keep(message({ changedAt: laterBy(now, 5000) })));
    assert.equal((await find({ reference: 'OPS-1' })).newest, late);
    for (const over of [{ reference: 'OPS-2' }, { reference: 'OPS-1', connectionId: newId() }, {}])
      assert.equal((await find(over)).newest, undefined);
  },

  'finds the dispatch of a ticket by its reference, its marks or its exception': async (setting) => {
    const { raised, dispatched, find, newId } = setting;
    const [exception, other] = [await raised(), await raised()];
    const { id } = await dispatched(exception.id, 'OPS-1');
    const { id: unconfirmed } = await dispatched(other.id);
    const found = [
      await find({ reference: 'OPS-1' }),
      await find({ marks: [newId(), id] }),
      await find({ exceptionId: exception.id }),
      await find({ marks: [unconfirmed] }),
      // Its own reference comes before a mark, which a copy of a ticket has as well.
      await find({ reference: 'OPS-1', marks: [unconfirmed] }),
      await find({ reference: 'OPS-1', exceptionId: other.id }),
    ].map(({ dispatchId }) => dispatchId);
    assert.deepEqual(found, [id, id, id, unconfirmed, id, unconfirmed]);
    const none = [
      await find({ reference: 'OPS-2' }),
      await find({ reference: 'OPS-1', target: 'SERVICENOW' }),
      await find({ reference: 'OPS-1', exceptionId: newId() }),
      await find(),
    ].map(({ dispatchId }) => dispatchId);
    assert.deepEqual(none, [undefined, undefined, undefined, undefined]);
  },

  'finds the dispatch of a ticket that was moved, with its latest change before the move': async (
    setting,
  ) => {
    const { raised, dispatched, message, keep, find } = setting;
    const [exception, other] = [await raised(), await raised()];
    const { id } = await dispatched(exception.id, 'OPS-1', '10001');
    const { id: another } = await dispatched(other.id, 'OPS-2', '10002');
    accepted(await keep(message({ externalReference: 'OPS-1', dispatchId: id, changedAt: now })));
    const found = [
      await find({ reference: 'FIN-7', ticketId: '10001' }),
      // The id of a ticket comes before a reference or a mark.
      await find({ reference: 'OPS-2', ticketId: '10001', marks: [another] }),
      await find({ reference: 'OPS-2', ticketId: '10003' }),
      await find({ reference: 'FIN-7', movedFrom: 'OPS-1' }),
      await find({ reference: 'FIN-7', ticketId: '10001', target: 'SERVICENOW' }),
    ].map(({ dispatchId, newest }) => [dispatchId, newest]);
    const none = [undefined, undefined];
    assert.deepEqual(found, [[id, now], [id, now], [another, undefined], [id, undefined], none]);
  },

  'finds the live dispatch first, then the latest, and never a note': async (setting) => {
    const { raised, dispatched, recalled, commented, find } = setting;
    const { id: exceptionId } = await raised();
    const first = await dispatched(exceptionId, 'OPS-1');
    await recalled(exceptionId);
    const second = await dispatched(exceptionId, 'OPS-2');
    await commented(exceptionId);
    assert.equal((await find({ exceptionId })).dispatchId, second.id);
    assert.equal((await find({ exceptionId, reference: 'OPS-1' })).dispatchId, first.id);
    await recalled(exceptionId);
    assert.equal((await find({ marks: [first.id, second.id] })).dispatchId, second.id);
  },

  'commits a message and what it does together, or neither': async (setting) => {
    const { message, messages, run, raised, harness, tenant } = setting;
    const { id } = await raised();
    const versionOf = async (): Promise<number> => {
      const loaded = await harness.desk.run({ tenant }, async (tx) => ok(await tx.exceptions.load(id)));
      return present(accepted(loaded)).exception.version;
    };
    const working = (outcome: () => Promise<Result<unknown>>, over?: Partial<Session>) =>
      run(async (tx) => {
        const { exception } = present(await tx.exceptions.load(id));
        const assign = { type: 'assign', assignee: `bo ${exception.version}` } as const;
        await tx.exceptions.save(accepted(decide(exception, assign, aContext({ newId: harness.newId }))));
        await tx.messages.keep(message());
        return outcome();
      }, over);
    const error = new Error('out of paper');
    await working(async () => refuse({ code: 'not_found', what: 'message', id }));
    await working(async () => ok(undefined), { dryRun: true });
    await assert.rejects(
      working(() => Promise.reject(error)),
      (reason) => reason === error,
    );
    assert.deepEqual([await versionOf(), (await messages()).length], [1, 0]);
    accepted(await working(async () => ok(undefined)));
    assert.deepEqual([await versionOf(), (await messages()).length], [2, 1]);
  },

  'shows nothing of another tenant': async ({ harness, message, keep, raised, dispatched, connectionId }) => {
    const { id: exceptionId } = await raised();
    const { id } = await dispatched(exceptionId, 'OPS-1');
    const kept = message({ externalReference: 'OPS-1', changedAt: now });
    accepted(await keep(kept));
    const other = freshInbound(harness);
    const { messageId, digest } = kept;
    const asked = { connectionId, messageId, digest, reference: 'OPS-1', marks: [id], exceptionId };
    assert.deepEqual(await other.find(asked), { seen: false });
    assert.deepEqual(await other.messages(), []);
  },
};
