import fc from 'fast-check';
import { ApprovalPolicyDesk } from '../desks/setting-desk';
import { InMemoryDatabase, InMemorySettingReads, InMemorySettingUnitOfWork } from '../in-memory';
import type { ApprovalRules } from '../ports/setting-store';
import { sequentialIds } from '../testing';
import { verdict } from '../testing/outcomes';
import { severities } from '../value/severity';
import { approvableCommands, needsApproval, type ApprovalRule, type ApprovalTerms } from './approval-policy';
import { isAtLeastAsStrict } from './policy-change';
import type { Approvable } from './stake';

const rule = (over: Partial<ApprovalRule> = {}): ApprovalRule => ({
  command: 'adjust_entry',
  currency: 'EUR',
  minimumAmount: '10000',
  approvers: 2,
  ...over,
});
const terms = (...rules: readonly ApprovalRule[]): ApprovalTerms => ({ rules });
const controlled: ApprovalTerms = { rules: [rule()], policyChanges: { approvers: 1 } };

describe('a change of the terms', () => {
  const before: ApprovalTerms = {
    rules: [rule(), rule({ command: 'resolve', mayNotApprove: ['assigner'] })],
    policyChanges: { approvers: 2 },
    answers: { approvers: 1 },
  };
  const [first, second] = before.rules as readonly [ApprovalRule, ApprovalRule];
  const changed = (over: Partial<ApprovalTerms>): ApprovalTerms => ({ ...before, ...over });

  it.each<[string, ApprovalTerms, boolean]>([
    ['none', before, true],
    ['more approvers', changed({ rules: [{ ...first, approvers: 3 }, second] }), true],
    ['more people barred', changed({ rules: [{ ...first, mayNotApprove: ['assigner'] }, second] }), true],
    ['a rule behind the others', changed({ rules: [first, second, rule({ minimumAmount: '1' })] }), true],
    [
      'a rule without a currency behind',
      changed({ rules: [first, second, { command: 'resolve', approvers: 1 }] }),
      true,
    ],
    ['dual control of the ledger', changed({ ledgerChanges: { approvers: 1 } }), true],
    ['more for an answer', changed({ answers: { approvers: 3 } }), true],
    ['no rule', changed({ rules: [] }), false],
    ['one rule less', changed({ rules: [first] }), false],
    ['another order', changed({ rules: [second, first] }), false],
    ['fewer approvers', changed({ rules: [{ ...first, approvers: 1 }, second] }), false],
    ['a greater amount', changed({ rules: [{ ...first, minimumAmount: '10001' }, second] }), false],
    [
      'a smaller amount, which may decide before a stricter rule',
      changed({ rules: [{ ...first, minimumAmount: '1' }, second] }),
      false,
    ],
    ['another currency', changed({ rules: [{ ...first, currency: 'USD' }, second] }), false],
    ['one severity alone', changed({ rules: [{ ...first, severity: 'HIGH' }, second] }), false],
    ['no person barred', changed({ rules: [first, rule({ command: 'resolve' })] }), false],
    ['a rule before the others', changed({ rules: [rule({ approvers: 1 }), first, second] }), false],
    [
      'a currency that is foreign so far',
      changed({ rules: [first, second, rule({ currency: 'USD', approvers: 1 })] }),
      false,
    ],
    ['fewer for changes', changed({ policyChanges: { approvers: 1 } }), false],
    ['none for changes', { rules: before.rules, answers: { approvers: 1 } }, false],
    ['none for answers', { rules: before.rules, policyChanges: { approvers: 2 } }, false],
  ])('of %s is known to weaken or not', (_, after, isStrict) => {
    expect(isAtLeastAsStrict(before, after)).toBe(isStrict);
  });

  const anyRule = fc.record(
    {
      command: fc.constantFrom(...approvableCommands),
      currency: fc.constantFrom('EUR', 'USD'),
      minimumAmount: fc.constantFrom('0', '5', '10'),
      severity: fc.constantFrom(...severities),
      mayNotApprove: fc.constant(['assigner'] as const),
      approvers: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: ['command', 'approvers'] },
  ) as fc.Arbitrary<ApprovalRule>;
  const amounts = fc.constantFrom('0', '4', '5', '9', '10', '11');
  const anyMoney = fc.record({ amount: amounts, currency: fc.constantFrom('EUR', 'USD', 'GBP') });

  it('that is taken as strict never lets anything pass with fewer people', () => {
    let strict = 0;
    fc.assert(
      fc.property(
        fc.array(anyRule, { maxLength: 4 }),
        fc.array(anyRule, { maxLength: 2 }),
        fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 4, maxLength: 4 }),
        fc.record(
          { amount: anyMoney, severity: fc.constantFrom(...severities) },
          { requiredKeys: ['severity'] },
        ),
        anyMoney,
        fc.constantFrom(...approvableCommands),
        (rules, added, steps, about, { amount, currency }, type) => {
          const kept = rules.map((one, i) => ({
            ...one,
            approvers: Math.min(3, Math.max(1, one.approvers + (steps[i] ?? 0))),
          }));
          const [a, b] = [terms(...rules), terms(...kept, ...added)];
          if (!isAtLeastAsStrict(a, b)) return;
          strict++;
          const command = {
            type,
            amount,
            currency,
            resolution: 'x',
            overrideReason: 'x',
            notes: 'x',
          } as Approvable;
          const asked = (policy: ApprovalTerms) => needsApproval(about, command, { version: 1, ...policy });
          const [was, is] = [asked(a), asked(b)];
          expect(is?.approvers ?? 0).toBeGreaterThanOrEqual(was?.approvers ?? 0);
          if (was?.mayNotApprove) expect(is?.mayNotApprove).toEqual(was.mayNotApprove);
        },
      ),
      { numRuns: 20_000 },
    );
    expect(strict).toBeGreaterThan(1000);
  });
});

describe('a policy whose changes are under dual control', () => {
  const open = () => {
    const database = new InMemoryDatabase();
    let hours = 0;
    const clock = () => new Date(Date.UTC(2026, 0, 1) + hours * 3_600_000);
    const uow = new InMemorySettingUnitOfWork<ApprovalRules>(database, 'approval_policy');
    const desk = new ApprovalPolicyDesk({ uow, clock, newId: sequentialIds() }, 72);
    const reads = new InMemorySettingReads<ApprovalRules>(database, 'approval_policy');
    return {
      put: async (actor: string, asked: ApprovalTerms) =>
        verdict(await desk.put(asked, { tenant: 'acme', actor })),
      latest: async () => (await reads.latest('acme'))!,
      wait: (more: number) => (hours += more),
    };
  };
  const started = async (asked = controlled) => {
    const one = open();
    expect(await one.put('ana', asked)).toBe('ok');
    return one;
  };
  const none: ApprovalTerms = { rules: [] };

  it('is weakened once another person has put the same', async () => {
    const { put, latest } = await started();
    expect(await put('ana', none)).toBe('ok');
    expect(await latest()).toMatchObject({ ...controlled, proposed: { request: none, proposedBy: 'ana' } });
    for (const twin of ['ana', 'ANA', ' Ana']) expect(await put(twin, none)).toBe('own_proposal');
    expect(await put('bo', none)).toBe('ok');
    const { id: _id, createdAt: _at, ...rest } = await latest();
    expect(rest).toMatchObject({
      ...none,
      ...{ version: 3, createdBy: 'bo', approval: { proposedBy: 'ana', approvals: [{ by: 'bo' }] } },
    });
    expect([rest.proposed, rest.policyChanges]).toEqual([undefined, undefined]);
  });

  it('takes as many people as it says, each once', async () => {
    const { put, latest } = await started({ ...controlled, policyChanges: { approvers: 2 } });
    await put('ana', none);
    expect([await put('bo', none), await put('BO', none)]).toEqual(['ok', 'already_approved']);
    expect((await latest()).rules).toHaveLength(1);
    expect(await put('cy', none)).toBe('ok');
    expect((await latest()).rules).toEqual([]);
  });

  it('is not weakened by another change than the one that was proposed', async () => {
    const { put, latest } = await started();
    const less: ApprovalTerms = { ...controlled, rules: [rule({ approvers: 1 })] };
    await put('ana', none);
    expect(await put('bo', less)).toBe('ok');
    expect(await latest()).toMatchObject({ ...controlled, proposed: { request: less, proposedBy: 'bo' } });
    expect(await put('bo', less)).toBe('own_proposal');
    expect(await put('ana', less)).toBe('ok');
    expect((await latest()).rules).toEqual(less.rules);
  });

  it('is made stricter by one person, which drops what is proposed', async () => {
    const { put, latest } = await started();
    await put('ana', none);
    const more: ApprovalTerms = { ...controlled, rules: [rule({ approvers: 3 })] };
    expect(await put('ana', more)).toBe('ok');
    expect([(await latest()).rules, (await latest()).proposed]).toEqual([more.rules, undefined]);
    // What is in force, put again, takes a proposal back.
    await put('ana', none);
    expect(await put('bo', more)).toBe('ok');
    expect((await latest()).proposed).toBeUndefined();
    expect([await put('bo', none), (await latest()).rules]).toEqual(['ok', more.rules]);
  });

  it('knows that the time of a proposal is over, without any job', async () => {
    const { put, latest, wait } = await started();
    await put('ana', none);
    wait(72);
    expect(await put('bo', none)).toBe('ok');
    expect(await latest()).toMatchObject({ ...controlled, proposed: { proposedBy: 'bo', approvals: [] } });
    wait(71.9);
    expect(await put('ana', none)).toBe('ok');
    expect((await latest()).rules).toEqual([]);
  });

  it('does not mind the order of members', async () => {
    const { put, latest } = await started();
    await put('ana', { policyChanges: { approvers: 1 }, rules: [{ command: 'resolve', approvers: 1 }] });
    await put('bo', { rules: [{ approvers: 1, command: 'resolve' }], policyChanges: { approvers: 1 } });
    expect((await latest()).rules).toEqual([{ command: 'resolve', approvers: 1 }]);
  });

  it.each([0, 4, 1.5])('is not put with %s approvers', async (approvers) => {
    for (const control of ['policyChanges', 'ledgerChanges', 'answers'] as const)
      expect(await open().put('ana', { rules: [], [control]: { approvers } })).toBe('invalid_value');
  });
});
