import assert from 'node:assert/strict';
import type { ExceptionChange } from '../../exception/exception.change';
import { raise } from '../../exception/raise';
import type { CommandMeta, ReplyCodec } from '../../desks/command-meta';
import { refuse } from '../../result';
import { sampleCommands } from '../builders';
import { accepted, atOnce, freshTenant, present, verdict, type Promises, type Setting } from './setting';

const { exception: sample } = sampleCommands;

const request = (key: string, fingerprint = 'what was asked'): Pick<CommandMeta, 'idempotency'> => ({
  idempotency: { key, fingerprint },
});

const find = ({ read }: Setting, replyKey?: string) => read((tx) => tx.replies.find(), replyKey);

/** One key is one piece of work. */
export const idempotency: Promises = {
  'remembers a reply under its key, letter by letter': async (setting) => {
    const { remember, newId } = setting;
    for (const answer of [
      '',
      '{"b":1, "a":1.0}\n',
      `"'\\ \u0001 😀 \u{10ffff} $1 ?`,
      'x'.repeat(1_000_000),
    ]) {
      const reply = { fingerprint: `of "it" 😀`, answer };
      const key = newId();
      await remember(reply, key);
      assert.deepEqual(await find(setting, key), reply);
      assert.equal(await find(setting, newId()), undefined);
    }
  },

  'remembers nothing without a key': async (setting) => {
    await setting.remember({ fingerprint: 'f', answer: 'a' });
    assert.equal(await find(setting), undefined);
  },

  'finds the reply together with what was loaded': async ({ raised, exceptions, meta, newId, read }) => {
    const { id } = await raised();
    const key = newId();
    accepted(await exceptions.handle(id, sample.assign, meta(request(key))));
    const [loaded, reply] = await read(
      async (tx) => [await tx.exceptions.load(id), await tx.replies.find()] as const,
      key,
    );
    assert.equal(loaded?.exception.version, 2);
    assert.equal(reply?.fingerprint, 'what was asked');
  },

  'does the work of one key once, and answers ten who ask at the same time alike': async (setting) => {
    const { raised, exceptions, meta, newId, history } = setting;
    const { id } = await raised();
    const asked = meta(request(newId()));
    const outcomes = await atOnce(10, () => exceptions.handle(id, sample.adjust_entry, asked));
    const [first] = outcomes;
    accepted(present(first));
    for (const outcome of outcomes) assert.deepEqual(outcome, first);
    assert.equal((await history(id)).length, 2);
    assert.equal((await setting.adjustments(id)).length, 1);
  },

  'raises one exception for one key': async ({ exceptions, meta, newId, history }) => {
    const asked = meta(request(newId()));
    const report = { transactionId: newId(), reason: 'LATE' };
    const outcomes = await atOnce(10, async () => accepted(await exceptions.raise(report, asked)));
    assert.ok(outcomes.every(({ state, basedOn }) => basedOn === 0 && state.seenCount === 1));
    const [id, ...others] = new Set(outcomes.map(({ state }) => state.id));
    assert.equal((await history(present(id))).length, 1);
    assert.deepEqual(others, []);
  },

  'opens one dispute for one key': async ({ raised, disputes, meta, newId, history }) => {
    const { id } = await raised();
    const asked = meta(request(newId()));
    const opening = { category: 'OTHER', description: 'Wrong.' } as const;
    const opened = await atOnce(10, async () => accepted(await disputes.open(id, opening, asked)).state.id);
    assert.equal(new Set(opened).size, 1);
    assert.equal((await history(id)).length, 2);
  },

  'answers again with the very text that was kept': async ({ raised, exceptions, meta, newId }) => {
    const { id } = await raised();
    const reply: ReplyCodec<ExceptionChange, string> = {
      present: (outcome) => `${verdict(outcome)} "😀" ${newId()}`,
      encode: (answer) => answer,
      decode: (kept) => `replayed: ${kept}`,
    };
    const asked = { ...meta(request(newId())), reply };
    const first = await exceptions.handle(id, sample.assign, asked);
    assert.match(first, /^ok "😀"/);
    assert.equal(await exceptions.handle(id, sample.assign, asked), `replayed: ${first}`);
  },

  'refuses a key that comes with another request': async ({ raised, exceptions, meta, newId, history }) => {
    const [{ id }, other] = [await raised(), await raised()];
    const key = newId();
    accepted(await exceptions.handle(id, sample.assign, meta(request(key))));
    const reused = refuse({ code: 'idempotency_key_reused' });
    const again = meta(request(key, 'something else'));
    assert.deepEqual(await exceptions.handle(id, sample.resolve, again), reused);
    assert.deepEqual(await exceptions.handle(other.id, sample.resolve, again), reused);
    assert.deepEqual(await exceptions.handle(newId(), sample.resolve, again), reused);
    assert.equal((await history(id)).length, 2);
    assert.equal((await history(other.id)).length, 1);
  },

  'does one of ten different requests that come with one key at the same time': async (setting) => {
    const { raised, exceptions, meta, newId, history } = setting;
    const { id } = await raised();
    const key = newId();
    const outcomes = await atOnce(10, (i) =>
      exceptions.handle(id, { type: 'assign', assignee: `worker ${i}` }, meta(request(key, `request ${i}`))),
    );
    const expected = ['ok', ...Array<string>(9).fill('idempotency_key_reused')].sort();
    assert.deepEqual(outcomes.map(verdict).sort(), expected);
    assert.equal((await history(id)).length, 2);
  },

  'goes on refusing under a key what it refused once, even when it could succeed by then': async (
    setting,
  ) => {
    const { raised, exceptions, meta, newId, exception } = setting;
    const { id } = await raised();
    const asked = meta(request(newId()));
    const refused = await exceptions.handle(id, sample.unassign, asked);
    assert.equal(verdict(refused), 'not_allowed');
    accepted(await exceptions.handle(id, sample.assign, meta()));
    assert.deepEqual(await exceptions.handle(id, sample.unassign, asked), refused);
    assert.equal((await exception(id))?.exception.status, 'ASSIGNED');
  },

  'goes on saying under a key that there was nothing': async ({
    exceptions,
    meta,
    newId,
    save,
    ctx,
    exception,
  }) => {
    const change = accepted(raise({ transactionId: newId(), reason: 'LATE' }, ctx()));
    const { id } = change.state;
    const asked = meta(request(newId()));
    const nothing = refuse({ code: 'not_found', what: 'exception', id });
    assert.deepEqual(await exceptions.handle(id, sample.assign, asked), nothing);
    await save(change);
    assert.deepEqual(await exceptions.handle(id, sample.assign, asked), nothing);
    assert.equal((await exception(id))?.exception.version, 1);
  },

  'leaves a key usable after a malformed request': async ({ raised, exceptions, meta, newId }) => {
    const { id } = await raised();
    const key = newId();
    const malformed = { type: 'assign', assignee: ' ' } as const;
    const bad = meta(request(key, 'malformed'));
    assert.equal(verdict(await exceptions.handle(id, malformed, bad)), 'invalid_value');
    assert.equal(verdict(await exceptions.handle(id, malformed, bad)), 'invalid_value');
    const good = meta(request(key, 'well-formed'));
    assert.equal(accepted(await exceptions.handle(id, sample.assign, good)).state.version, 2);
    assert.equal(accepted(await exceptions.handle(id, sample.assign, good)).state.version, 2);
  },

  'does the work of different keys': async ({ raised, exceptions, meta, newId, exception }) => {
    const { id } = await raised();
    for (const assignee of ['bo', 'cy', 'di']) {
      accepted(await exceptions.handle(id, { type: 'assign', assignee }, meta(request(newId()))));
    }
    assert.equal((await exception(id))?.exception.version, 4);
  },

  'keeps the keys of two tenants apart': async (setting) => {
    const key = setting.newId();
    for (const { raised, exceptions, meta } of [setting, freshTenant(setting.harness)]) {
      const { id } = await raised();
      const change = accepted(await exceptions.handle(id, sample.assign, meta(request(key))));
      assert.deepEqual([change.state.id, change.state.version], [id, 2]);
    }
  },
};
