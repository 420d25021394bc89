import { InMemoryUnitOfWork } from '../in-memory';
import { defaultPolicy, type Policy } from './policy';
import { ok } from '../result';
import { decideOutcome } from '../outcome/decide-outcome';
import {
  aCallback,
  aContext,
  aDispatch,
  anException,
  aReport,
  now,
  sampleCommands,
  sequentialIds,
} from '../testing';
import { inEveryStatus } from '../testing/in-every-status';
import { accepted } from '../testing/outcomes';
import { plusHours } from '../value/timestamp';
import { receive } from './receive';
import { deadlineOf } from './deadline';
import { decide, decideAll } from './exception';
import { ExceptionDesk } from '../desks/exception-desk';
import { waits } from './exception.lifecycle';
import { noFacts } from './exception.facts';
import { passDeadline } from './meet-deadline';
import type { ReconException } from './recon-exception';

const policy: Policy = {
  ...defaultPolicy,
  approvalExpiresHours: 10,
  flagAfterHours: { external: 20, ledger: 0.5 },
};
const sample = sampleCommands.exception;
const waiting = (over: Partial<ReconException> = {}): ReconException =>
  anException({ status: 'PENDING_RESOLUTION', pending: 'external', pendingSince: now, ...over });
const at = (hours: number) => ({ now: plusHours(now, hours), newId: sequentialIds() });
const change = (
  exception: ReconException,
  command: Parameters<typeof decide>[1],
  ctx: Partial<ReturnType<typeof at>> = {},
) => accepted(decide(exception, command, aContext(ctx), noFacts, policy));

describe('the deadline of a wait', () => {
  it.each(waits)('is there for %s', (pending) => {
    expect(deadlineOf(waiting({ pending }), policy)).toEqual(
      {
        external: { at: plusHours(now, 20), then: 'flag' },
        approval: { at: plusHours(now, 10), then: 'return' },
        ledger: { at: plusHours(now, 0.5), then: 'flag' },
      }[pending],
    );
  });

  it('is the one that the proposal was made with', () => {
    const expiresAt = plusHours(now, 99);
    const proposal = { resolution: sample.resolve, proposedBy: 'bo', proposedAt: now, expiresAt };
    expect(deadlineOf(waiting({ pending: 'approval', proposal }), policy)?.at).toBe(expiresAt);
  });

  it('is not there for what does not wait, or was flagged', () => {
    for (const exception of Object.values(inEveryStatus))
      if (exception.pending === undefined) expect(deadlineOf(exception, policy)).toBeUndefined();
    expect(deadlineOf(waiting({ flaggedAt: now }), policy)).toBeUndefined();
  });

  it.each([
    ['dispatch', sample.dispatch, 20],
    ['propose', sample.propose, 10],
    ['propose to the ledger', { ...sample.propose, waitsFor: 'ledger' }, 0.5],
  ] as const)('comes with every change that begins one: %s', (_name, command, hours) => {
    expect(change(anException(), command).deadline).toBe(plusHours(now, hours));
    if (command.type === 'dispatch') {
      const anew = change(waiting({ externalSystem: 'JIRA' }), command, at(7));
      expect(anew.deadline).toBe(plusHours(now, 27));
      const [assign, dispatch] = [sample.assign, command];
      const both = decideAll(anException(), [assign, dispatch], aContext(), noFacts, policy);
      expect(both).toMatchObject({ ok: true, value: { deadline: plusHours(now, 20) } });
    }
  });

  it('is another one once the last approval was given, and the ledger is waited for', () => {
    const approvalPolicy = { version: 1, rules: [{ command: 'force_match', approvers: 1 }] } as const;
    const facts = { ...noFacts, ledger: true as const, approvalPolicy };
    const proposed = accepted(decide(anException(), sample.force_match, aContext(), facts, policy));
    expect(proposed.deadline).toBe(plusHours(now, 10));
    const approving = aContext({ actor: 'bo', ...at(3) });
    const approved = decide(proposed.state, { type: 'confirm' }, approving, facts, policy);
    const { state, deadline } = accepted(approved);
    expect([state.pending, deadline]).toEqual(['ledger', plusHours(now, 3.5)]);
    const late = passDeadline(state, facts, at(4), policy);
    const { postingId } = state.proposal ?? {};
    const data = { waitsFor: 'ledger', since: plusHours(now, 3), postingId };
    expect(late).toMatchObject({ ok: true, value: { events: [{ data }] } });
  });

  it.each(['assign', 'force_match', 'resolve', 'adjust_entry'] as const)('does not come with %s', (type) => {
    expect(change(anException(), sample[type])).not.toHaveProperty('deadline');
  });
});

describe('a wait whose time is over', () => {
  it.each(['external', 'ledger'] as const)('is flagged, and goes on: %s', (pending) => {
    const exception = waiting({ pending, version: 4, externalSystem: 'JIRA', externalIssueId: 'OPS-1' });
    const flagged = passDeadline(exception, noFacts, at(20), policy);
    const flaggedAt = plusHours(now, 20);
    expect(flagged).toEqual({
      ok: true,
      value: {
        basedOn: 4,
        state: { ...exception, version: 5, flaggedAt, updatedAt: flaggedAt },
        events: [
          {
            id: expect.any(String),
            type: 'exception.waits_too_long',
            exceptionId: exception.id,
            version: 5,
            actor: 'redress:deadlines',
            at: flaggedAt,
            changes: { flaggedAt: { to: flaggedAt } },
            data: {
              waitsFor: pending,
              since: now,
              ...(pending === 'external' && { externalSystem: 'JIRA' }),
            },
          },
        ],
      },
    });
  });

  it('gives a proposal back', () => {
    const proposal = { resolution: sample.resolve, proposedBy: 'redress:approvals', proposedAt: now };
    const given = passDeadline(waiting({ pending: 'approval', proposal }), noFacts, at(10), policy);
    expect(given).toMatchObject({
      ok: true,
      value: { state: { status: 'OPEN' }, events: [{ actor: 'redress:approvals' }] },
    });
  });

  it('gives a proposal back that was flagged, and refuses its approval', () => {
    const proposal = { resolution: sample.resolve, proposedBy: 'ana', proposedAt: now };
    const flagged = waiting({ pending: 'approval', proposal, flaggedAt: now });
    expect(passDeadline(flagged, noFacts, at(10), policy)).toMatchObject({
      value: { state: { status: 'OPEN' } },
    });
    const approve = { type: 'confirm', of: 'proposal' } as const;
    expect(decide(flagged, approve, { ...at(10), actor: 'bo' }, noFacts, policy)).toMatchObject({
      refusal: { code: 'proposal_expired' },
    });
    expect(decide(flagged, approve, { ...at(9), actor: 'bo' }, noFacts, policy).ok).toBe(true);
  });

  it('of people is not flagged when the ticket of the exception is given up meanwhile', () => {
    const proposal = { resolution: sample.resolve, proposedBy: 'ana', proposedAt: now };
    const outcomeOf = (pending: 'approval' | 'external') => {
      const exception = waiting({
        pending,
        externalSystem: 'JIRA',
        ...(pending === 'approval' && { proposal }),
      });
      const dispatch = aDispatch({ state: 'UNKNOWN', live: true, target: 'JIRA', attempts: 99 });
      const given = { dispatch, exception, facts: noFacts };
      return accepted(decideOutcome(given, { type: 'wait', problem: 'It is down.' }, aContext()));
    };
    expect([outcomeOf('approval').state.state, outcomeOf('approval').exception]).toEqual(['DEAD', undefined]);
    expect(outcomeOf('external').exception?.state.flaggedAt).toBe(now);
  });

  it('is not over a millisecond before', () => {
    expect(passDeadline(waiting(), noFacts, { ...at(0), now: '2026-01-02T23:04:05.677Z' }, policy)).toEqual({
      later: '2026-01-02T23:04:05.678Z',
    });
  });

  it('is over once', () => {
    expect(passDeadline(waiting({ flaggedAt: now }), noFacts, at(99), policy)).toBeUndefined();
    expect(passDeadline(anException(), noFacts, at(99), policy)).toBeUndefined();
  });
});

describe('what was flagged', () => {
  const flagged = waiting({ externalSystem: 'JIRA', externalIssueId: 'OPS-4711', flaggedAt: now });

  it.each(['confirm', 'return', 'recall', 'resolve', 'force_match', 'adjust_entry', 'dispatch'] as const)(
    'is so no more after %s',
    (type) => {
      const { state, events } = change(flagged, sample[type]);
      expect(state).not.toHaveProperty('flaggedAt');
      expect(events[0]?.changes['flaggedAt']).toEqual({ from: now });
    },
  );

  it('is so no more once it was taken up', () => {
    const received = receive(flagged, aCallback({ status: 'ASSIGNED' }), aContext(), noFacts, policy);
    const { state } = accepted(received);
    expect(state).toMatchObject({ status: 'ASSIGNED', externalSystem: 'JIRA' });
    expect(state).not.toHaveProperty('flaggedAt');
  });
});

describe('a desk', () => {
  it('flags each wait once, and each new one anew', async () => {
    const uow = new InMemoryUnitOfWork();
    let hours = 0;
    const clock = () => new Date(plusHours(now, hours));
    const desk = new ExceptionDesk({ uow, clock, newId: sequentialIds() }, policy);
    const meta = { tenant: 'acme', actor: 'ana' };
    const { id } = accepted(await desk.raise(aReport(), meta)).state;
    const ring = () => desk.meetDeadline('acme', id);
    expect(await ring()).toEqual(ok(undefined));
    for (const round of [1, 2]) {
      const begun = hours;
      await desk.handle(id, sample.dispatch, meta);
      expect(await ring()).toEqual(ok({ later: plusHours(now, begun + 20) }));
      hours += 20;
      expect(await ring()).toMatchObject(ok({ state: { flaggedAt: plusHours(now, begun + 20) } }));
      expect(await ring()).toEqual(ok(undefined));
      const flags = uow.history('acme', id).filter(({ type }) => type === 'exception.waits_too_long');
      expect(flags).toHaveLength(round);
      await desk.handle(id, { type: 'recall' }, meta);
      expect(await ring()).toEqual(ok(undefined));
    }
    expect(await desk.meetDeadline('other', id)).toEqual(ok(undefined));
  });
});
