import fc from 'fast-check';
import { InMemoryUnitOfWork } from '../in-memory';
import { decide } from '../exception/exception';
import { ExceptionDesk } from '../desks/exception-desk';
import { noFacts, type ExceptionFacts } from '../exception/exception.facts';
import type { AdjustEntry, ResolvingCommand } from './commands';
import type { ReconException } from '../exception/recon-exception';
import { receive } from '../exception/receive';
import { ok } from '../result';
import { aCallback, aContext, anException, aReport, now, sampleCommands, sequentialIds } from '../testing';
import { needsApproval, type ApprovalPolicy, type ApprovalRule } from './approval-policy';
import { validateApprovalRules } from './approval-policy.validation';

const { force_match: matched, adjust_entry: sample, resolve } = sampleCommands.exception;
const { counterparts: _named, acceptResidual: _accepted, ...forceMatch } = matched;
const policyOf = (...rules: ApprovalRule[]): ApprovalPolicy => ({ version: 7, rules });
const under = (...rules: ApprovalRule[]): ExceptionFacts => ({
  ...noFacts,
  approvalPolicy: policyOf(...rules),
});
const adjust = (amount: string, currency: string): AdjustEntry => ({ ...sample, amount, currency });

function stateAfter(
  exception: ReconException,
  command: Parameters<typeof decide>[1],
  actor: string,
  facts: ExceptionFacts = noFacts,
): ReconException {
  const decided = decide(exception, command, aContext({ actor }), facts);
  if (!decided.ok) throw new Error(decided.refusal.code);
  return decided.value.state;
}

const codeOf = (exception: ReconException, command: Parameters<typeof decide>[1], actor: string) => {
  const decided = decide(exception, command, aContext({ actor }));
  return decided.ok ? undefined : decided.refusal.code;
};
const approve = { type: 'confirm', of: 'proposal' } as const;

describe('a policy', () => {
  const rule: ApprovalRule = {
    command: 'adjust_entry',
    currency: 'EUR',
    minimumAmount: '1000',
    approvers: 1,
  };
  const fits = (command: ResolvingCommand, over: Partial<ReconException> = {}, only: ApprovalRule = rule) =>
    needsApproval(anException(over), command, policyOf(only)) !== undefined;

  it('compares what is posted, to the digit', () => {
    expect(fits(adjust('1000.00', 'EUR'))).toBe(true);
    expect(fits(adjust('999.99', 'EUR'))).toBe(false);
    expect(fits(adjust('0.01', 'BRL'))).toBe(true);
    expect(fits(adjust('99999999999999999999', 'EUR'))).toBe(true);
    expect(
      fits(adjust('0.1', 'BHD'), {}, { command: 'adjust_entry', minimumAmount: '0.1001', approvers: 1 }),
    ).toBe(false);
  });

  it('goes by the amount of the exception where nothing is posted, its sign aside', () => {
    const matching: ApprovalRule = { ...rule, command: 'force_match' };
    expect(fits(forceMatch, { amount: { amount: '-1000.00', currency: 'EUR' } }, matching)).toBe(true);
    expect(fits(forceMatch, { amount: { amount: '-999.99', currency: 'EUR' } }, matching)).toBe(false);
    expect(fits(resolve, { amount: { amount: '5000.00', currency: 'EUR' } }, matching)).toBe(false);
  });

  it('takes an amount that is not known for one that fits', () => {
    expect(fits(forceMatch, {}, { ...rule, command: 'force_match' })).toBe(true);
  });

  it('is decided by the first rule that fits', () => {
    const grave: ApprovalRule = { command: 'resolve', severity: 'CRITICAL', approvers: 3 };
    const any: ApprovalRule = { command: 'resolve', approvers: 1 };
    const policy = policyOf(grave, any);
    expect(needsApproval(anException({ severity: 'CRITICAL' }), resolve, policy)).toBe(grave);
    expect(needsApproval(anException({ severity: 'LOW' }), resolve, policy)).toBe(any);
    expect(needsApproval(anException(), resolve, undefined)).toBeUndefined();
  });

  it('compares as numbers do, whatever the amounts', () => {
    const cents = fc.integer({ min: 0, max: 10_000_000 });
    const euros = (n: number) => `${Math.floor(n / 100)}.${String(n % 100).padStart(2, '0')}`;
    fc.assert(
      fc.property(cents, cents, (least, is) => {
        const only: ApprovalRule = { command: 'force_match', minimumAmount: euros(least), approvers: 1 };
        expect(fits(forceMatch, { amount: { amount: euros(is), currency: 'EUR' } }, only)).toBe(is >= least);
      }),
    );
  });

  it.each<Partial<Record<keyof ApprovalRule, unknown>>>([
    { command: 'assign' },
    { currency: 'XXX' },
    { minimumAmount: '1e3' },
    { severity: 'WORST' },
    { approvers: 0 },
    { mayNotApprove: ['somebody'] },
  ])('is malformed with %j', (over) => {
    expect(validateApprovalRules([{ ...rule, ...over } as ApprovalRule])?.code).toBe('invalid_value');
    expect(validateApprovalRules([rule])).toBeUndefined();
  });
});

describe('a proposal that a policy asked for', () => {
  const three: ApprovalRule = { command: 'adjust_entry', approvers: 3 };

  it('keeps the rule, and when it goes back', () => {
    const { pending, pendingSince, proposal } = stateAfter(anException(), sample, 'ana', under(three));
    expect([pending, pendingSince]).toEqual(['approval', now]);
    expect(proposal).toEqual({
      resolution: sample,
      proposedBy: 'ana',
      proposedAt: now,
      approvalsNeeded: 3,
      rule: three,
      policyVersion: 7,
      expiresAt: '2026-01-05T03:04:05.678Z',
    });
  });

  it('is refused for what the command would be refused for', () => {
    const decided = decide(anException(), adjust('0', 'EUR'), aContext(), under(three));
    expect(decided).toMatchObject({ ok: false, refusal: { code: 'amount_not_positive' } });
  });

  it('is made of what an external system reports as resolved, too', () => {
    const known = anException({ status: 'ASSIGNED', assignedTo: 'bo', externalSystem: 'JIRA' });
    const rule: ApprovalRule = { command: 'resolve', approvers: 1 };
    const received = receive(known, aCallback(), aContext(), under(rule));
    expect(received).toMatchObject({ ok: true, value: { state: { pending: 'approval' } } });
    const other: ApprovalRule = { command: 'force_match', approvers: 1 };
    const resolved = receive(known, aCallback(), aContext(), under(other));
    expect(resolved).toMatchObject({ ok: true, value: { state: { status: 'RESOLVED' } } });
  });

  it('resolves with the last of so many different people, who approve neither their own nor twice', () => {
    const people = fc.constantFrom('ana', 'bo', 'cy', 'di', 'eve');
    const edits = fc.array(
      fc.record({ command: fc.constant('adjust_entry' as const), approvers: fc.constantFrom(1, 2, 3) }),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3),
        people,
        fc.array(people, { maxLength: 12 }),
        edits,
        (needed, proposer, tries, later) => {
          let exception = stateAfter(anException(), sample, proposer, under({ ...three, approvers: needed }));
          const given = new Set<string>();
          let posted = 0;
          for (const actor of tries) {
            const decided = decide(exception, approve, aContext({ actor }), under(...later));
            const may = exception.status !== 'RESOLVED' && actor !== proposer && !given.has(actor);
            expect(decided.ok).toBe(may);
            if (!decided.ok) continue;
            given.add(actor);
            exception = decided.value.state;
            if (decided.value.adjustment) posted++;
          }
          expect(exception.status === 'RESOLVED').toBe(given.size === needed);
          expect(given.size).toBeLessThanOrEqual(needed);
          expect(posted).toBe(given.size === needed ? 1 : 0);
        },
      ),
    );
  });

  it('is approved by those who assigned it only where the rule lets them, as it was when it was made', () => {
    const assigned = stateAfter(anException(), { type: 'assign', assignee: 'ana' }, 'bo');
    const barred: ApprovalRule = { ...three, mayNotApprove: ['assigner'] };
    const proposed = stateAfter(assigned, sample, 'ana', under(barred));
    expect(codeOf(proposed, approve, 'bo')).toBe('assigned_by_approver');
    expect(codeOf(proposed, approve, 'cy')).toBeUndefined();
    expect(codeOf(stateAfter(assigned, sample, 'ana', under(three)), approve, 'bo')).toBeUndefined();
    const unassigned = stateAfter(assigned, { type: 'unassign' }, 'cy');
    expect(codeOf(stateAfter(unassigned, sample, 'ana', under(three)), approve, 'bo')).toBeUndefined();
    // The proposer does not let in who assigned it, by assigning again.
    const self = stateAfter(unassigned, { type: 'assign', assignee: 'ana' }, 'ana');
    const over = stateAfter(assigned, { type: 'assign', assignee: 'eve' }, 'ana');
    for (const before of [unassigned, self, over]) {
      expect(before.formerAssigners).toEqual(['bo']);
      expect(codeOf(stateAfter(before, sample, 'ana', under(barred)), approve, 'bo')).toBe(
        'assigned_by_approver',
      );
      expect(codeOf(stateAfter(before, sample, 'ana', under(barred)), approve, 'cy')).toBeUndefined();
    }
  });

  it('keeps each of those who assigned it before once, up to a limit', () => {
    let exception = anException();
    for (let i = 0; i < 210; i++)
      exception = stateAfter(exception, { type: 'assign', assignee: `to-${i}` }, `by-${i % 105}`);
    expect([exception.formerAssigners?.length, exception.assignedBy]).toEqual([100, 'by-104']);
    expect(new Set(exception.formerAssigners).size).toBe(100);
  });

  it.each(['ana', 'ANA', 'Ana ', 'а\u200dna', 'ＡＮＡ', 'ΑΝΑ'])(
    'is not approved by its proposer as %j',
    (twin) => {
      const proposed = stateAfter(anException(), sample, 'ana', under({ ...three, approvers: 2 }));
      const reject = { type: 'return', of: 'proposal', reason: 'No.' } as const;
      expect([codeOf(proposed, approve, twin), codeOf(proposed, reject, twin)]).toEqual([
        ...['own_proposal', 'own_proposal'],
      ]);
      expect(stateAfter(proposed, { type: 'recall', of: 'proposal' }, twin).status).toBe('OPEN');
      const once = stateAfter(proposed, approve, 'bo');
      expect(codeOf(once, approve, 'BO')).toBe('already_approved');
    },
  );

  it('is withdrawn by the proposer, and rejected by others', () => {
    const proposed = stateAfter(anException(), sample, 'ana', under(three));
    const reject = { type: 'return', of: 'proposal', reason: 'No.' } as const;
    const withdraw = { type: 'recall', of: 'proposal' } as const;
    expect(codeOf(proposed, reject, 'ana')).toBe('own_proposal');
    expect(codeOf(proposed, withdraw, 'bo')).toBe('not_proposer');
    expect(stateAfter(proposed, reject, 'bo').status).toBe('OPEN');
    const back = stateAfter(proposed, withdraw, 'ana');
    expect(back.proposal).toBeUndefined();
    expect(back.pendingSince).toBeUndefined();
  });
});

describe('a desk', () => {
  it('proposes under the policy of the tenant, and gives back what was not decided on in time', async () => {
    const uow = new InMemoryUnitOfWork();
    let hours = 0;
    const clock = () => new Date(Date.parse(now) + hours * 3_600_000);
    const desk = new ExceptionDesk({ uow, clock, newId: sequentialIds() });
    uow.approveUnder('acme', policyOf({ command: 'resolve', approvers: 1 }));
    for (const [tenant, status] of [
      ['acme', 'PENDING_RESOLUTION'],
      ['other', 'RESOLVED'],
    ] as const) {
      const raised = await desk.raise(aReport(), { tenant, actor: 'ana' });
      if (!raised.ok) throw new Error('refused');
      const { id } = raised.value.state;
      const given = await desk.handle(id, resolve, { tenant, actor: 'ana' });
      expect(given).toMatchObject({ ok: true, value: { state: { status } } });
      hours = 71;
      const later = { later: '2026-01-05T03:04:05.678Z' };
      expect(await desk.meetDeadline(tenant, id)).toEqual(ok(tenant === 'acme' ? later : undefined));
      hours = 72;
      const expired = await desk.meetDeadline(tenant, id);
      if (tenant === 'acme') expect(expired).toMatchObject(ok({ state: { status: 'OPEN' } }));
      else expect(expired).toEqual(ok(undefined));
      expect(await desk.meetDeadline(tenant, id)).toEqual(ok(undefined));
      hours = 0;
    }
  });
});
