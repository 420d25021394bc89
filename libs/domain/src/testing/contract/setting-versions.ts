import assert from 'node:assert/strict';
import { ApprovalPolicyDesk, ReasonCodesDesk } from '../../desks/setting-desk';
import type { CommandMeta } from '../../desks/command-meta';
import type {
  ApprovalRules,
  ReasonLists,
  SettingReads,
  SettingTransaction,
  SettingVersion,
} from '../../ports/setting-store';
import type { UnitOfWork } from '../../ports/stores';
import type { ApprovalRule, ApprovalTerms } from '../../resolution/approval-policy';
import { ok, refuse } from '../../result';
import { anException, fixedClock, now } from '../builders';
import { accepted } from '../outcomes';
import { assertKeepsReplies } from './kept-replies';
import { awkward } from './saving';
import { atOnce, commits, present, tally } from './setting';

/** An adapter's stores of one setting. */
export type SettingStores<Value extends object> = Readonly<{
  uow: UnitOfWork<SettingTransaction<Value>>;
  reads: SettingReads<Value>;
}>;

/** An adapter's stores for settings, all over one database. */
export type SettingHarness = Readonly<{
  /** Its exceptions are what settings are facts about. */
  uow: UnitOfWork;
  approvalPolicy: SettingStores<ApprovalRules>;
  reasonCodes: SettingStores<ReasonLists>;
  /** UUIDs that were never given out before, in ascending order. */
  newId(): string;
}>;

const rules = (approvers: number): readonly ApprovalRule[] => [{ command: 'resolve', approvers }];

/** One tenant of the stores, used by one case alone. */
export function freshSettings(harness: SettingHarness) {
  const { newId, approvalPolicy, reasonCodes } = harness;
  const tenant = `tenant ${newId()}`;
  const meta = (over: Partial<CommandMeta> = {}): CommandMeta => ({ tenant, actor: 'ana', ...over });
  const ports = { clock: fixedClock, newId };
  const policies = new ApprovalPolicyDesk({ ...ports, uow: approvalPolicy.uow });
  const codes = new ReasonCodesDesk({ ...ports, uow: reasonCodes.uow });
  return {
    harness,
    tenant,
    newId,
    meta,
    put: (asked: readonly ApprovalRule[] | ApprovalTerms, given = meta()) =>
      policies.put('rules' in asked ? asked : { rules: asked }, given),
    putCodes: (asked: Parameters<typeof codes.put>[0]) => codes.put(asked, meta()),
    add: (version: SettingVersion<ApprovalRules>) =>
      approvalPolicy.uow.run({ tenant }, async (tx) => {
        await tx.versions.add(version);
        return ok(undefined);
      }),
    latest: () => approvalPolicy.reads.latest(tenant),
  };
}

type SettingPromises = Readonly<Record<string, (setting: ReturnType<typeof freshSettings>) => Promise<void>>>;

/** Settings: versions that are only ever added. */
export const settingVersions: SettingPromises = {
  'has no version until one is added': async ({ harness, tenant, latest }) => {
    assert.equal(await latest(), undefined);
    const page = await harness.approvalPolicy.reads.versions(tenant, { limit: 10, order: 'desc' });
    assert.deepEqual(page, { items: [], hasMore: false });
  },

  'gives back a version, every field of it, letter by letter': async (setting) => {
    const { add, latest, newId, harness, tenant } = setting;
    for (const [i, text] of awkward.entries()) {
      const rule = {
        command: 'adjust_entry',
        currency: 'EUR',
        minimumAmount: '10000.00',
        severity: 'HIGH',
        approvers: 2,
        mayNotApprove: ['assigner'],
      } as const;
      const terms = { rules: [rule], policyChanges: { approvers: 2 }, ledgerChanges: { approvers: 1 } };
      const asked = { proposedBy: text, proposedAt: now, approvals: [{ by: text, at: now }] };
      const version = {
        ...{
          ...terms,
          answers: { approvers: 3 },
          id: newId(),
          version: i + 1,
          createdAt: now,
          createdBy: text,
        },
        proposed: { request: terms, ...asked, expiresAt: now, approvalsNeeded: 2 },
        approval: asked,
      };
      accepted(await add(version));
      assert.deepEqual(await latest(), version);
      const inside = harness.approvalPolicy.uow.run({ tenant }, async (tx) => ok(await tx.versions.latest()));
      assert.deepEqual(accepted(await inside), version);
    }
    const codes = [
      { code: 'FEE', label: `naïve 日本語 'quoted' "label" \\ 😀` },
      { code: 'OLD', label: 'Old', active: false },
    ];
    const put = accepted(
      await setting.putCodes({ force_match: codes, adjust_entry: 'free_text', resolve: 'free_text' }),
    );
    assert.deepEqual(await harness.reasonCodes.reads.latest(tenant), put);
  },

  'counts the versions that a desk adds, and keeps settings apart': async ({ put, putCodes, latest }) => {
    assert.equal(accepted(await put(rules(1))).version, 1);
    const codes = { force_match: 'free_text', adjust_entry: 'free_text', resolve: 'free_text' } as const;
    assert.equal(accepted(await putCodes(codes)).version, 1);
    const second = accepted(await put([]));
    assert.equal(second.version, 2);
    assert.deepEqual(await latest(), second);
  },

  'never has two versions of one number': async ({ put, add, newId, latest }) => {
    const first = accepted(await put(rules(1)));
    const other = { ...first, id: newId(), rules: rules(2) };
    assert.equal(await commits(add(other)), false);
    assert.deepEqual(await latest(), first);
  },

  'loses none of ten that are put at once': async ({ put, harness, tenant }) => {
    const made = (await atOnce(10, (i) => put(rules((i % 3) + 1)))).map((outcome) => accepted(outcome));
    const { items } = await harness.approvalPolicy.reads.versions(tenant, { limit: 20, order: 'asc' });
    assert.deepEqual(
      items.map(({ version }) => version),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.deepEqual(new Set(items.map(({ id }) => id)), new Set(made.map(({ id }) => id)));
  },

  'lets one of ten through that saw the same version': async ({ put, meta }) => {
    accepted(await put(rules(1)));
    const outcomes = await atOnce(10, () => put(rules(2), meta({ expectedVersion: 1 })));
    assert.deepEqual(tally(outcomes), { ok: 1, stale_version: 9 });
  },

  'saves nothing when it is refused, and keeps the answer to its key': async (setting) => {
    const { put, meta, newId, latest, harness, tenant } = setting;
    accepted(await put(rules(1)));
    const asked = meta({ expectedVersion: 7, idempotency: { key: newId(), fingerprint: 'a' } });
    const refused = await put(rules(2), asked);
    assert.deepEqual(refused, refuse({ code: 'stale_version', expected: 7, actual: 1 }));
    assert.equal((await latest())?.version, 1);
    accepted(await put(rules(2)));
    assert.deepEqual(await put(rules(2), asked), refused);
    const session = { tenant, replyKey: asked.idempotency?.key ?? '' };
    const kept = await harness.approvalPolicy.uow.run(session, async (tx) => ok(await tx.replies.find()));
    assert.equal(present(accepted(kept)).fingerprint, 'a');
  },

  'keeps replies in the unit of work of a setting': ({ harness, tenant, newId }) =>
    assertKeepsReplies(harness.approvalPolicy.uow, tenant, newId),

  'saves nothing in a preview': async ({ put, meta, latest }) => {
    assert.equal(accepted(await put(rules(1), meta({ preview: true }))).version, 1);
    assert.equal(await latest(), undefined);
  },

  'tells what is in force with each exception': async ({ put, putCodes, harness, tenant, newId }) => {
    const id = newId();
    const load = async () =>
      accepted(await harness.uow.run({ tenant }, async (tx) => ok(await tx.exceptions.load(id))));
    await harness.uow.run({ tenant }, async (tx) => {
      const state = anException({ id, transactionId: newId() });
      await tx.exceptions.save({ basedOn: 0, state, events: [] });
      return ok(undefined);
    });
    assert.equal((await load())?.facts.approvalPolicy, undefined);
    accepted(await put(rules(1)));
    accepted(await put(rules(2)));
    const { accepted: codes } = accepted(
      await putCodes({
        force_match: [{ code: 'FEE', label: 'Bank fee' }],
        adjust_entry: 'free_text',
        resolve: 'free_text',
      }),
    );
    const facts = present(await load()).facts;
    assert.deepEqual(facts.approvalPolicy, { version: 2, rules: rules(2) });
    assert.deepEqual(facts.reasonCodes, codes);
  },

  'lists versions page by page, in both directions': async ({ put, harness, tenant }) => {
    for (let i = 0; i < 12; i++) accepted(await put(rules((i % 3) + 1)));
    const read = async (limit: number, order: 'asc' | 'desc', position?: object) =>
      harness.approvalPolicy.reads.versions(tenant, {
        limit,
        order,
        ...(position && { position: position as never }),
      });
    const numbers = (page: Awaited<ReturnType<typeof read>>) => page.items.map(({ version }) => version);
    const first = await read(5, 'desc');
    const second = await read(5, 'desc', first.next);
    const third = await read(5, 'desc', second.next);
    assert.deepEqual([first, second, third].map(numbers), [
      [12, 11, 10, 9, 8],
      [7, 6, 5, 4, 3],
      [2, 1],
    ]);
    assert.deepEqual([first.prev, third.next, third.hasMore], [undefined, undefined, false]);
    assert.deepEqual(numbers(await read(5, 'desc', third.prev)), [7, 6, 5, 4, 3]);
    assert.deepEqual(numbers(await read(3, 'asc')), [1, 2, 3]);
  },

  'shows nothing of a setting to another tenant': async ({ put, harness }) => {
    accepted(await put(rules(1)));
    const other = freshSettings(harness);
    assert.equal(await other.latest(), undefined);
    const page = { limit: 10, order: 'asc' } as const;
    assert.deepEqual((await harness.approvalPolicy.reads.versions(other.tenant, page)).items, []);
    assert.equal(accepted(await other.put(rules(2))).version, 1);
  },
};
