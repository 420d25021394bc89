import assert from 'node:assert/strict';
import type {
  ConnectionChange,
  ConnectionEvent,
  ConnectionTarget,
  StoredConnection,
} from '../../connection/connection';
import { removeConnection } from '../../connection/decide-connection';
import { ExceptionDesk } from '../../desks/exception-desk';
import type { ConnectionReads, ConnectionTransaction } from '../../ports/connection-store';
import type { Reply, Session, UnitOfWork } from '../../ports/stores';
import { ok, refuse, type Result } from '../../result';
import { aContext, aReport, fixedClock, now } from '../builders';
import { accepted } from '../outcomes';
import { assertKeepsReplies } from './kept-replies';
import { atOnce, commits, present } from './setting';

/** A store of connections to be put to the test, and what no port shows of it. */
export type ConnectionHarness = Readonly<{
  uow: UnitOfWork<ConnectionTransaction>;
  /** That of exceptions in the same storage. */
  desk: UnitOfWork;
  reads: ConnectionReads;
  /** UUIDs that were never given out before, in ascending order. */
  newId(): string;
  /** The change log of the connection to a target, oldest first. */
  eventsOf(tenant: string, target: ConnectionTarget): Promise<readonly ConnectionEvent[]>;
}>;

export type ConnectionSetting = ReturnType<typeof freshConnections>;
type Promises = Readonly<Record<string, (setting: ConnectionSetting) => Promise<void>>>;

const ciphertext = (byte: number): string => 'AAECAwQF/+7d'.replace('A', 'ABCDEFGH'.charAt(byte));

export function freshConnections(harness: ConnectionHarness) {
  const { uow, newId } = harness;
  const tenant = `tenant ${newId()}`;
  const session = (over: Partial<Session> = {}): Session => ({ tenant, ...over });
  const run = <T>(
    work: (tx: ConnectionTransaction) => Promise<Result<T>>,
    over?: Partial<Session>,
  ): Promise<Result<T>> => uow.run(session(over), work);
  const created = (over: Partial<StoredConnection> = {}): ConnectionChange => {
    const state: StoredConnection = {
      id: newId(),
      target: 'JIRA',
      version: 1,
      enabled: true,
      settings: { site: 'https://acme.test', queues: { 'Crédits "A"': { project: 'OPS' } } },
      secrets: ciphertext(0),
      createdAt: now,
      createdBy: 'ana',
      updatedAt: now,
      updatedBy: 'ana',
      ...over,
    };
    return { basedOn: 0, state, event: eventOf(state, 'connection.created') };
  };
  const changed = (before: StoredConnection, over: Partial<StoredConnection> = {}): ConnectionChange => {
    const state = { ...before, ...over, version: before.version + 1 };
    return { basedOn: before.version, state, event: eventOf(state, 'connection.changed') };
  };
  return {
    ...{ harness, tenant, newId, run, created, changed },
    save: (change: ConnectionChange, over?: Partial<Session>): Promise<Result<unknown>> =>
      run(async (tx) => {
        await tx.connections.save(change);
        return ok(undefined);
      }, over),
    load: async (target: ConnectionTarget = 'JIRA'): Promise<StoredConnection | undefined> =>
      accepted(await run(async (tx) => ok(await tx.connections.load(target)))),
    reply: async (replyKey: string): Promise<Reply | undefined> =>
      accepted(await run(async (tx) => ok(await tx.replies.find()), { replyKey })),
    events: (target: ConnectionTarget = 'JIRA') => harness.eventsOf(tenant, target),
  };
}

const eventOf = (
  { id, version, updatedBy, updatedAt }: StoredConnection,
  type: ConnectionEvent['type'],
): ConnectionEvent => ({
  ...{ connectionId: id, version, type, actor: updatedBy, at: updatedAt },
  changes: { project: { from: 'OPS', to: 'CARDS' } },
  newSecrets: ['apiToken'],
});

const byTarget = (a: StoredConnection, b: StoredConnection): number => (a.target < b.target ? -1 : 1);

export const connections: Promises = {
  'keeps a connection as it was saved, letter by letter': async ({
    created,
    save,
    load,
    harness,
    tenant,
  }) => {
    const change = created();
    accepted(await save(change));
    assert.deepEqual(await load(), change.state);
    assert.deepEqual(await harness.reads.all(tenant), [change.state]);
    assert.equal(await load('SERVICENOW'), undefined);
  },

  'keeps one connection for each target': async ({ created, save, harness, tenant }) => {
    const targets: ConnectionTarget[] = ['JIRA', 'LEDGER', 'SERVICENOW', 'WEBHOOK'];
    const states = targets.map((target) => created({ target }));
    for (const change of states) accepted(await save(change));
    assert.deepEqual(
      [...(await harness.reads.all(tenant))].sort(byTarget),
      states.map(({ state }) => state),
    );
    assert.equal(await commits(save(created())), false);
  },

  'replaces a connection, and keeps every event': async ({ created, changed, save, load, events }) => {
    const first = created();
    const second = changed(first.state, { enabled: false, settings: {}, secrets: ciphertext(1) });
    const request = { type: 'put', enabled: true, rotateInboundSecret: false, settings: {} } as const;
    const asked = { proposedBy: 'ana', proposedAt: now, expiresAt: now, approvalsNeeded: 2, approvals: [] };
    const third = changed(second.state, {
      proposed: { ...asked, request: { ...request, newSecrets: ['token'], secrets: ciphertext(2) } },
    });
    const { proposed: _decided, ...state } = third.state;
    const fourth = changed(state);
    for (const change of [first, second, third]) accepted(await save(change));
    assert.deepEqual(await load(), third.state);
    accepted(await save(fourth));
    assert.deepEqual(await load(), fourth.state);
    assert.deepEqual(
      await events(),
      [first, second, third, fourth].map(({ event }) => event),
    );
  },

  'shows a deleted connection to commands alone': async ({
    created,
    save,
    load,
    events,
    harness,
    tenant,
  }) => {
    const first = created();
    const removed = removeConnection(first.state, aContext());
    accepted(await save(first));
    accepted(await save(removed));
    assert.deepEqual(await load(), removed.state);
    assert.deepEqual(await harness.reads.all(tenant), []);
    assert.equal(await harness.reads.tenantOf(first.state.id), undefined);
    assert.deepEqual(await events(), [first.event, removed.event]);
  },

  'finds the tenant of a connection by any text': async ({ created, save, harness, tenant, newId }) => {
    const { state, ...rest } = created();
    accepted(await save({ ...rest, state }));
    assert.equal(await harness.reads.tenantOf(state.id), tenant);
    for (const text of [newId(), 'no id', '', "'; --"])
      assert.equal(await harness.reads.tenantOf(text), undefined);
  },

  'shows nothing of another tenant': async ({ created, save, harness }) => {
    accepted(await save(created()));
    const other = freshConnections(harness);
    assert.equal(await other.load(), undefined);
    assert.deepEqual(await harness.reads.all(other.tenant), []);
  },

  'does not save over another version': async ({ created, changed, save, load }) => {
    const first = created();
    const second = changed(first.state, { enabled: false });
    accepted(await save(first));
    accepted(await save(second));
    assert.equal(await commits(save(changed(first.state))), false);
    assert.deepEqual(await load(), second.state);
  },

  'lets one of several changes at once through': async ({ created, changed, save, load, events }) => {
    const first = created();
    accepted(await save(first));
    const changes = Array.from({ length: 4 }, (_, n) => changed(first.state, { updatedBy: `ana ${n}` }));
    const committed = await atOnce(4, (n) => commits(save(present(changes[n]))));
    assert.equal(committed.filter(Boolean).length, 1);
    assert.deepEqual(await load(), present(changes[committed.indexOf(true)]).state);
    assert.equal((await events()).length, 2);
  },

  'commits the reply with the change, or alone when the work refuses': async (setting) => {
    const { created, run, reply, load, newId } = setting;
    const [kept, refused] = [newId(), newId()];
    const remembered = { fingerprint: 'f', answer: '{"answered":true}' };
    const working = (replyKey: string, outcome: Result<unknown>) =>
      run(
        async (tx) => {
          await tx.connections.save(created());
          await tx.replies.remember(remembered);
          return outcome;
        },
        { replyKey },
      );
    await working(refused, refuse({ code: 'not_found', what: 'connection', id: 'JIRA' }));
    assert.equal(await load(), undefined);
    assert.deepEqual(await reply(refused), remembered);
    await working(kept, ok(undefined));
    assert.notEqual(await load(), undefined);
    assert.deepEqual(await reply(kept), remembered);
  },

  'keeps replies in the unit of work of a connection': ({ harness, tenant, newId }) =>
    assertKeepsReplies(harness.uow, tenant, newId),

  'writes nothing in a dry run, or when the work throws': async ({ created, save, run, load, events }) => {
    accepted(await save(created(), { dryRun: true }));
    const error = new Error('out of paper');
    const thrown = run(async (tx) => {
      await tx.connections.save(created());
      return Promise.reject(error);
    });
    await assert.rejects(thrown, (reason) => reason === error);
    assert.equal(await load(), undefined);
    assert.deepEqual(await events(), []);
  },

  'has exceptions wait for a ledger while one is connected and enabled': async (setting) => {
    const { created, changed, save, harness, tenant, newId } = setting;
    const desk = new ExceptionDesk({ uow: harness.desk, clock: fixedClock, newId });
    const { state: exception } = accepted(
      await desk.raise(aReport({ transactionId: newId() }), { tenant, actor: 'ana' }),
    );
    const hasLedger = async (): Promise<boolean> => {
      const loaded = await harness.desk.run({ tenant }, async (tx) =>
        ok(await tx.exceptions.load(exception.id)),
      );
      return present(accepted(loaded)).facts.ledger === true;
    };
    const first = created({ target: 'LEDGER' });
    const disabled = changed(first.state, { enabled: false });
    const enabled = changed(disabled.state, { enabled: true });
    const seen = [await hasLedger()];
    for (const change of [first, disabled, enabled, removeConnection(enabled.state, aContext())]) {
      accepted(await save(change));
      seen.push(await hasLedger());
    }
    assert.deepEqual(seen, [false, true, false, true, false]);
  },
};
