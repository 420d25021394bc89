import { aContext, aDispatch, anException } from '../testing';
import { noFacts } from '../exception/exception.facts';
import type { Dispatch } from '../dispatch/dispatch';
import { dispatchStates } from '../dispatch/dispatch.lifecycle';
import { defaultLookupPolicies } from '../dispatch/lookup-policy';
import { decideOperatorAnswer, type OperatorAnswer } from './operator-answer';

const exception = anException({ status: 'PENDING_RESOLUTION', pending: 'external', externalSystem: 'JIRA' });
const said = (found: OperatorAnswer, over: Partial<Dispatch> = {}) => {
  const dispatch = aDispatch({ state: 'DEAD', live: true, ...over });
  const whole = { dispatch, exception, facts: noFacts };
  return decideOperatorAnswer(whole, found, aContext({ actor: 'ana' }), defaultLookupPolicies);
};
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
