import { AdjustmentDesk } from '../desks/adjustment-desk';
import { defaultLookupPolicies } from './lookup-policy';
import type { OperatorAnswer } from '../dispatch/operator-answer';
import { decideOperatorAnswer } from '../outcome/operator-answer';
import { decideOutcome } from '../outcome/decide-outcome';
import { interpretReport } from './interpret-report';
import type { DispatchCommand } from './dispatch.lifecycle';
import { decide } from '../exception/exception';
import type { ExceptionChange } from '../exception/exception.change';
import type { ExceptionCommand } from '../exception/exception.lifecycle';
import { noFacts, type ExceptionFacts } from '../exception/exception.facts';
import type { ReconException } from '../exception/recon-exception';
import { InMemoryUnitOfWork } from '../in-memory';
import { aContext, anException, now, sampleCommands, sequentialIds } from '../testing';
import { reversal } from '../testing/outcomes';

const { adjust_entry: adjust, force_match: match, resolve } = sampleCommands.exception;
const elsewhere: ExceptionFacts = { ...noFacts, ledger: true };

function given(
  exception: ReconException,
  command: ExceptionCommand,
  actor = 'ana',
  facts = elsewhere,
): ExceptionChange {
  const decided = decide(exception, command, aContext({ actor }), facts);
  if (!decided.ok) throw new Error(decided.refusal.code);
  return decided.value;
}

function reserved(change: ExceptionChange) {
  if (!change.dispatch?.posting) throw new Error('no posting was reserved');
  return { ...change.dispatch, posting: change.dispatch.posting };
}

/** What the ledger's answer does. */
function answered(change: ExceptionChange, ...commands: readonly DispatchCommand[]) {
  let dispatch = reserved(change) as NonNullable<ExceptionChange['dispatch']>;
  let exception = change.state;
  let last: ExceptionChange | undefined;
  for (const command of commands) {
    const facts = elsewhere;
    const decided = decideOutcome({ dispatch, exception, facts }, command, aContext({ actor: 'redress' }));
    if (!decided.ok) throw new Error(decided.refusal.code);
    dispatch = decided.value.state;
    last = decided.value.exception;
    exception = last?.state ?? exception;
  }
  return { dispatch, exception, change: last };
}

describe('where the books are kept elsewhere', () => {
  it.each([
    ['an adjustment', adjust],
    ['a forced match', match],
  ])('%s waits for the ledger, which is asked in the same change', (_name, command) => {
    const { state, dispatch, adjustment } = given(anException(), command);
    expect([state.status, state.pending, state.pendingSince]).toEqual(['PENDING_RESOLUTION', 'ledger', now]);
    expect(adjustment).toBeUndefined();
    expect(dispatch).toMatchObject({ target: 'LEDGER', kind: 'posting', live: false, nextAttemptAt: now });
    expect(state.proposal).toMatchObject({ proposedBy: 'ana', postingId: dispatch?.id });
    expect(dispatch?.posting).toMatchObject({ exceptionId: state.id, requestedBy: 'ana' });
  });

  it('says what is to be booked, to the digit', () => {
    const { posting } = reserved(given(anException(), { ...adjust, amount: '0.10', currency: 'EUR' }));
    expect(posting).toMatchObject({
      type: 'adjustment',
      amount: { amount: '0.10', currency: 'EUR' },
      reasonCode: adjust.reasonCode,
    });
  });

  it('resolves what changes no books by itself', () => {
    expect(given(anException(), resolve).state.status).toBe('RESOLVED');
  });

  it('refuses what would be refused anyhow, before the ledger is asked', () => {
    const decided = decide(anException(), { ...adjust, amount: '0' }, aContext(), elsewhere);
    expect(decided).toMatchObject({ ok: false, refusal: { code: 'amount_not_positive' } });
  });

  it('does not ask the ledger while an external system has it', () => {
    const out = anException({ status: 'PENDING_RESOLUTION', pending: 'external', externalSystem: 'JIRA' });
    const decided = decide(out, match, aContext(), elsewhere);
    expect(decided).toMatchObject({ ok: false, refusal: { code: 'still_pending', waitsFor: 'external' } });
  });

  it('lets no user take back what the ledger may have', () => {
    const { state } = given(anException(), adjust);
    for (const command of [sampleCommands.exception.recall, match, resolve])
      expect(decide(state, command, aContext(), elsewhere)).toMatchObject({
        ok: false,
        refusal: { code: 'still_pending', waitsFor: 'ledger' },
      });
  });
});

describe('the answer of the ledger', () => {
  it('resolves in the name of the proposer, with the adjustment under the id the ledger knows', () => {
    const asked = given(anException(), adjust, 'ana');
    const { exception, change, dispatch } = answered(
      asked,
      { type: 'send' },
      { type: 'confirm', reference: 'L-1' },
    );
    expect([exception.status, exception.resolvedBy, exception.proposal]).toEqual([
      'RESOLVED',
      'ana',
      undefined,
    ]);
    expect(change?.adjustment).toMatchObject({ id: dispatch.id, createdBy: 'ana' });
    expect(change?.adjustment?.approval).toBeUndefined();
  });

  it('returns with the reason of a refusal', () => {
    const asked = given(anException({ status: 'ASSIGNED', assignedTo: 'bo' }), adjust);
    const refused = { type: 'refuse', problem: 'The period is closed.' } as const;
    const { exception, change } = answered(asked, { type: 'send' }, refused);
    expect([exception.status, exception.pending]).toEqual(['ASSIGNED', undefined]);
    expect(change?.adjustment).toBeUndefined();
    expect(change?.events[0]).toMatchObject({
      type: 'exception.returned',
      data: { reason: 'The period is closed.' },
    });
  });

  it('may come by itself, before the first attempt and after the last one', () => {
    const asked = given(anException(), adjust);
    const confirm = { type: 'confirm', reference: 'L-1' } as const;
    expect(answered(asked, confirm).exception.status).toBe('RESOLVED');
    const givenUp = Array.from({ length: 10 }, () => [
      { type: 'send' } as const,
      { type: 'lose', problem: 'It took too long.' } as const,
    ]).flat();
    const { exception, dispatch } = answered(asked, ...givenUp);
    expect([exception.status, dispatch.state]).toEqual(['PENDING_RESOLUTION', 'DEAD']);
    expect(answered(asked, ...givenUp, confirm).exception.status).toBe('RESOLVED');
  });

  it('is not taken for one where it was only turned away, and may have been taken before', () => {
    const asked = given(anException(), adjust);
    const door = { outcome: 'refused', problem: 'It answered 401.', unseen: true } as const;
    expect(reportOf(asked, 1, door)).toMatchObject({ type: 'refuse' });
    expect(reportOf(asked, 2, door)).toMatchObject({ type: 'put_off' });
  });
});

describe('what takes approval first', () => {
  const facts: ExceptionFacts = {
    ...elsewhere,
    approvalPolicy: { version: 3, rules: [{ command: 'adjust_entry', approvers: 2 }] },
  };
  const approve = { type: 'confirm', of: 'proposal' } as const;

  it('goes to the ledger with the last approval, in the name of all', () => {
    const proposed = given(anException(), adjust, 'ana', facts);
    expect([proposed.state.pending, proposed.dispatch]).toEqual(['approval', undefined]);
    const once = given(proposed.state, approve, 'bo', facts);
    expect([once.state.pending, once.dispatch]).toEqual(['approval', undefined]);
    const twice = given(once.state, approve, 'cy', facts);
    expect(twice.state.pending).toBe('ledger');
    expect(twice.events[0]?.type).toBe('exception.approval_given');
    expect(reserved(twice).posting).toMatchObject({ requestedBy: 'ana', approvedBy: ['bo', 'cy'] });
    const { exception, change } = answered(twice, { type: 'confirm', reference: 'L-1' });
    expect(exception.resolvedBy).toBe('cy');
    expect(change?.adjustment).toMatchObject({
      createdBy: 'cy',
      approval: { proposedBy: 'ana', approvals: [{ by: 'bo' }, { by: 'cy' }], policyVersion: 3 },
    });
  });
});

describe('taking back what a ledger was told of', () => {
  const meta = { tenant: 't', actor: 'ana' };

  async function reversedAfter(keptElsewhere: boolean) {
    const uow = new InMemoryUnitOfWork();
    uow.keepBooksElsewhere('t', keptElsewhere);
    const ports = { uow, clock: () => new Date(now), newId: sequentialIds() };
    const asked = given(anException(), adjust, 'ana', keptElsewhere ? elsewhere : noFacts);
    const confirmed = keptElsewhere && answered(asked, { type: 'confirm', reference: 'L-1' });
    const posted = confirmed ? confirmed.change?.adjustment : asked.adjustment;
    await uow.run({ tenant: 't' }, async (tx) => {
      await tx.exceptions.save({ basedOn: 0, state: anException(), events: [] });
      await tx.exceptions.save({ ...asked, basedOn: 1 });
      if (confirmed && confirmed.change) await tx.exceptions.save(confirmed.change);
      return { ok: true, value: undefined };
    });
    const desk = new AdjustmentDesk(ports);
    const reversed = reversal(await desk.reverse(posted?.id ?? '', { reason: 'Booked twice.' }, meta));
    return { uow, posted, ...reversed };
  }

  it('tells the ledger, too, under the id of the reversal', async () => {
    const { uow, posted, adjustment } = await reversedAfter(true);
    const sent = uow.dispatches('t').find(({ id }) => id === adjustment.id);
    expect(sent?.posting).toMatchObject({
      type: 'reversal',
      reverses: posted?.id,
      direction: adjustment.direction,
    });
  });

  it('posts no reversal of what was not posted', async () => {
    const { uow } = await reversedAfter(false);
    expect(uow.dispatches('t')).toEqual([]);
  });

  it('keeps a refused one for an operator to deal with, since nothing can be returned', async () => {
    const { uow, adjustment, reversed } = await reversedAfter(true);
    const dispatch = uow.dispatches('t').find(({ id }) => id === adjustment.id);
    if (!dispatch) throw new Error('no reversal was sent');
    const whole = { dispatch, exception: reversed.state, facts: elsewhere };
    const refused = decideOutcome(whole, { type: 'refuse', problem: 'The period is closed.' }, aContext());
    expect(refused).toMatchObject({ ok: true, value: { state: { state: 'DEAD' } } });
    if (!refused.ok) return;
    expect(refused.value.exception?.state.ledgerMismatches).toEqual([dispatch.id]);
    expect(refused.value.events.map(({ type }) => type)).toEqual(['dispatch.died']);
  });
});

describe('a person who answers for the ledger', () => {
  const policy = (...commands: readonly ('adjust_entry' | 'force_match')[]) => ({
    approvalPolicy: { version: 1, rules: commands.map((command) => ({ command, approvers: 1 })) },
  });
  const arrived = { arrived: true, reference: 'L-1' };

  /** What comes of it, of what was proposed by ana while nothing took approval. */
  function answeredBy(
    actor: string,
    found: OperatorAnswer,
    facts: object,
    approvals: readonly string[] = [],
  ) {
    const { state, dispatch } = given(anException(), adjust, 'ana', elsewhere);
    const proposal = { ...state.proposal!, approvals: approvals.map((by) => ({ by, at: now })) };
    const exception = approvals.length ? { ...state, proposal } : state;
    const dead = { ...dispatch!, state: 'DEAD' as const };
    const whole = { dispatch: dead, exception, facts: { ...elsewhere, ...facts } };
    const outcome = decideOperatorAnswer(whole, found, aContext({ actor }), defaultLookupPolicies);
    return outcome.ok ? outcome.value.exception?.state.status : outcome.refusal.code;
  }

  it('does not resolve alone what takes approval by now; another person may say that it arrived', () => {
    expect(answeredBy('ana', arrived, policy('adjust_entry'))).toBe('own_proposal');
    expect(answeredBy('bo', arrived, policy('adjust_entry'))).toBe('RESOLVED');
  });

  it('may do so where nothing asks for approval of it, or another person has given theirs', () => {
    expect(answeredBy('ana', arrived, {})).toBe('RESOLVED');
    expect(answeredBy('ana', arrived, policy('force_match'))).toBe('RESOLVED');
    expect(answeredBy('ana', arrived, policy('adjust_entry'), ['bo'])).toBe('RESOLVED');
  });

  it('may always say that it did not arrive', () => {
    const missing = { arrived: false, reason: 'It is not there.' };
    expect(answeredBy('ana', missing, policy('adjust_entry'))).toBe('OPEN');
  });
});

function reportOf(
  asked: ExceptionChange,
  sends: number,
  answer: Parameters<typeof interpretReport>[1]['answer'],
) {
  return interpretReport(
    { ...reserved(asked), sends },
    { kind: 'send', answer } as Parameters<typeof interpretReport>[1],
    aContext(),
  ).command;
}
