import { aContext, aDispatch, anException, now } from '../testing';
import { laterBy } from '../value/timestamp';
import { noFacts } from '../exception/exception.facts';
import type { Dispatch } from '../dispatch/dispatch';
import { dispatchStates } from '../dispatch/dispatch.lifecycle';
import { defaultLookupPolicies } from '../dispatch/lookup-policy';
import type { OperatorAnswer } from '../dispatch/operator-answer';
import { decideOutcome } from './decide-outcome';
import { decideOperatorAnswer } from './operator-answer';

const exception = anException({ status: 'PENDING_RESOLUTION', pending: 'external', externalSystem: 'JIRA' });
const said = (found: OperatorAnswer, over: Partial<Dispatch> = {}) => {
  const dispatch = aDispatch({ state: 'DEAD', live: true, ...over });
  const whole = { dispatch, exception, facts: noFacts };
  return decideOperatorAnswer(whole, found, aContext({ actor: 'ana' }), defaultLookupPolicies);
};
/** An answer of a person under dual control, of a dispatch with what was answered before. */
const answered = (
  actor: string,
  found: OperatorAnswer,
  before: Dispatch,
  { approvers, now: at = now }: { approvers?: number; now?: string } = {},
) => {
  const facts = {
    ...noFacts,
    approvalPolicy: { version: 1, rules: [], ...(approvers !== undefined && { answers: { approvers } }) },
  };
  const ctx = aContext({ actor, now: at });
  const outcome = decideOperatorAnswer(
    { dispatch: before, exception, facts },
    found,
    ctx,
    defaultLookupPolicies,
  );
  return outcome.ok ? outcome.value : outcome.refusal.code;
};
const stateOf = (outcome: ReturnType<typeof answered>): Dispatch =>
  typeof outcome === 'string' ? aDispatch({ lastError: outcome }) : outcome.state;

const there: OperatorAnswer = { arrived: true, reference: 'OPS-7' };
const nowhere: OperatorAnswer = { arrived: false, reason: 'They closed that project.' };

describe('what a person found out about a dead dispatch', () => {
  it('confirms what is there', () => {
    const found = said(there);
    expect(found).toMatchObject({
      ok: true,
      value: {
        state: { state: 'CONFIRMED', externalReference: 'OPS-7' },
        exception: { state: { externalIssueId: 'OPS-7' } },
        events: [{ type: 'dispatch.confirmed', actor: 'ana' }],
      },
    });
  });

  it('gives the exception back with the reason when it is not', () => {
    const found = said(nowhere);
    expect(found).toMatchObject({
      ok: true,
      value: { state: { state: 'FAILED', live: false }, exception: { state: { status: 'OPEN' } } },
    });
  });

  it.each(dispatchStates.filter((state) => state !== 'DEAD'))('is not asked while it is %s', (state) => {
    expect(said(there, { state })).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed', command: 'answer', status: state },
    });
  });

  it.each<[string, OperatorAnswer]>([
    ['reference', { arrived: true }],
    ['reason', { arrived: false }],
    ['reason', { ...there, reason: 'It was late.' }],
    ['reference', { ...nowhere, reference: 'OPS-7' }],
    ['reason', { arrived: false, reason: 'x'.repeat(501) }],
  ])('is malformed without a sound %s', (field, found) => {
    expect(said(found)).toMatchObject({ ok: false, refusal: { code: 'invalid_value', field } });
  });
});

describe('an answer under dual control', () => {
  const dead = aDispatch({ state: 'DEAD', live: true });
  const two = { approvers: 1 };

  it.each([there, nowhere])('takes effect once another person has given the same', (found) => {
    const proposed = answered('ana', found, dead, two);
    expect(proposed).toMatchObject({
      state: {
        state: 'DEAD',
        version: dead.version + 1,
        proposedAnswer: { request: found, proposedBy: 'ana' },
      },
      events: [{ type: 'dispatch.answer_proposed', actor: 'ana', data: { answer: found } }],
    });
    expect(proposed).not.toHaveProperty('exception');
    const before = stateOf(proposed);
    for (const twin of ['ana', 'ANA', 'ａｎａ'])
      expect(answered(twin, found, before, two)).toBe('own_proposal');
    const settled = stateOf(answered('bo', found, before, two));
    expect(settled.state).toBe(found.arrived ? 'CONFIRMED' : 'FAILED');
    expect(settled).not.toHaveProperty('proposedAnswer');
  });

  it('takes as many people as the policy says, each once', () => {
    const first = stateOf(answered('ana', there, dead, { approvers: 2 }));
    const second = stateOf(answered('bo', there, first, { approvers: 2 }));
    expect(second.proposedAnswer?.approvals).toEqual([{ by: 'bo', at: now }]);
    expect(answered('Bo', there, second, { approvers: 2 })).toBe('already_approved');
    expect(stateOf(answered('cy', there, second, { approvers: 2 })).state).toBe('CONFIRMED');
  });

  it('starts anew with another answer', () => {
    const first = stateOf(answered('ana', there, dead, two));
    const other = stateOf(answered('bo', { ...there, reference: 'OPS-8' }, first, two));
    expect(other.proposedAnswer).toMatchObject({ proposedBy: 'bo', request: { reference: 'OPS-8' } });
    expect(answered('bo', { ...there, reference: 'OPS-8' }, other, two)).toBe('own_proposal');
  });

  it('is not freed by a policy that is emptied meanwhile, and knows the greater number', () => {
    const first = stateOf(answered('ana', there, dead, two));
    expect(answered('ana', there, first)).toBe('own_proposal');
    expect(stateOf(answered('ana', nowhere, first)).state).toBe('DEAD');
    expect(stateOf(answered('bo', there, first)).state).toBe('CONFIRMED');
    expect(stateOf(answered('bo', there, first, { approvers: 3 }))).toMatchObject({
      ...{ state: 'DEAD', proposedAnswer: { approvalsNeeded: 3, approvals: [{ by: 'bo' }] } },
    });
  });

  it('counts for nothing once its time is over, without any job', () => {
    const first = stateOf(answered('ana', there, dead, two));
    const at = laterBy(now, 72 * 3_600_000);
    const anew = stateOf(answered('bo', there, first, { ...two, now: at }));
    expect(anew.proposedAnswer).toMatchObject({ proposedBy: 'bo', approvals: [] });
    expect(stateOf(answered('bo', there, first, { ...two, now: laterBy(at, -1) })).state).toBe('CONFIRMED');
  });

  it('is dropped when the dispatch goes on', () => {
    const whole = { dispatch: stateOf(answered('ana', there, dead, two)), exception, facts: noFacts };
    const redriven = decideOutcome(whole, { type: 'redrive' }, aContext(), defaultLookupPolicies);
    expect(redriven).toMatchObject({ ok: true, value: { state: { state: 'RESERVED' } } });
    expect(redriven.ok && redriven.value.state).not.toHaveProperty('proposedAnswer');
  });
});
