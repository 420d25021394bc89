import fc from 'fast-check';
import { aContext, aDispatch, now } from '../testing';
import { laterBy, type Timestamp } from '../value/timestamp';
import type { SendResult } from './attempt-result';
import { defaultLookupPolicies } from './lookup-policy';
import { decideDispatch } from './decide-dispatch';
import { dueWork, maySend, type Dispatch } from './dispatch';
import { dispatchLifecycle, type DispatchCommand, type DispatchState } from './dispatch.lifecycle';
import { commandsFrom } from '../lifecycle';
import { interpretReport } from './interpret-report';
import { attemptDelaysMs } from './schedule';

const { settleMs } = defaultLookupPolicies.JIRA;
const settled = laterBy(now, settleMs);
const problem = 'It answered 500.';

function after(dispatch: Dispatch, command: DispatchCommand, at: Timestamp = now): Dispatch {
  const decided = decideDispatch(
    dispatch,
    command,
    aContext({ now: at }),
    defaultLookupPolicies[dispatch.target],
  );
  if (!decided.ok) throw new Error(JSON.stringify(decided.refusal));
  return decided.value;
}
const afterAnswer = (dispatch: Dispatch, answer: SendResult): Dispatch =>
  after(dispatch, interpretReport(dispatch, { kind: 'send', answer }, aContext()).command);

/** What look-ups that find nothing lead to, at the end of the settle time. */
function looked(dispatch: Dispatch, conclusive = true): Dispatch {
  let looking = dispatch;
  for (let i = 0; i < 3 && looking.state === 'UNKNOWN'; i++)
    looking = after(looking, { type: 'miss', conclusive }, settled);
  return looking;
}

/** Look-ups on the schedule, until nothing is due any more. */
function lookedUntilTheEnd(dispatch: Dispatch): Dispatch {
  let looking = dispatch;
  for (let i = 0; looking.nextAttemptAt !== undefined && looking.state === 'UNKNOWN'; i++) {
    if (i > 50) throw new Error('it never ends');
    looking = after(
      looking,
      { type: 'miss' },
      looking.nextAttemptAt > settled ? looking.nextAttemptAt : settled,
    );
  }
  return looking;
}

const answers: Readonly<Record<SendResult['outcome'], SendResult>> = {
  created: { outcome: 'created', reference: 'OPS-1' },
  received: { outcome: 'received', problem },
  not_sent: { outcome: 'not_sent', problem },
  refused: { outcome: 'refused', problem },
  unknown: { outcome: 'unknown', problem },
  accepted: { outcome: 'accepted', problem },
};

const fresh = {};
const doubted = { doubtfulSends: 1 };

describe.each(['JIRA', 'SERVICENOW'] as const)('a send to %s', (target) => {
  const sending = (over: Partial<Dispatch>): Dispatch =>
    after(aDispatch({ target, sends: over.doubtfulSends ?? 0, ...over }), { type: 'send' });

  it.each<
    [
      before: string,
      over: Partial<Dispatch>,
      answer: SendResult['outcome'],
      now: string,
      doubtful: number,
      later: string,
    ]
  >([
    ['the first', fresh, 'created', 'CONFIRMED', 0, 'CONFIRMED'],
    ['the first', fresh, 'received', 'UNKNOWN', 0, 'UNKNOWN'],
    ['the first', fresh, 'not_sent', 'RESERVED', 0, 'RESERVED'],
    ['the first', fresh, 'refused', 'FAILED', 0, 'FAILED'],
    ['the first', fresh, 'unknown', 'UNKNOWN', 1, 'RESERVED'],
    ['the resend', doubted, 'created', 'CONFIRMED', 1, 'CONFIRMED'],
    ['the resend', doubted, 'received', 'UNKNOWN', 1, 'UNKNOWN'],
    ['the resend', doubted, 'not_sent', 'RESERVED', 1, 'RESERVED'],
    ['the resend', doubted, 'refused', 'DEAD', 1, 'DEAD'],
    ['the resend', doubted, 'unknown', 'UNKNOWN', 2, 'UNKNOWN'],
  ])('%s, answered as %3$s, and looked up in vain', (_before, over, answer, state, doubtfulSends, later) => {
    const answered = afterAnswer(sending(over), answers[answer]);
    expect(answered).toMatchObject({ state, doubtfulSends });
    expect(answered.receivedAt).toBe(answer === 'received' ? now : undefined);
    expect(looked(answered).state).toBe(later);
  });

  it('is left to a person where no look-up is conclusive, who is told why', () => {
    const inDoubt = afterAnswer(sending(fresh), answers.unknown);
    expect(looked(inDoubt, true)).toMatchObject({ state: 'RESERVED', doubtfulSends: 1 });
    const twice = { ...inDoubt, misses: 2 };
    const dead = after(twice, { type: 'miss', problem: 'The search shows nothing.' }, settled);
    expect(dead).toMatchObject({ state: 'DEAD', live: true, sends: 1 });
    expect(dead).not.toHaveProperty('nextAttemptAt');
    expect(dead.lastError).toMatch(
      /^It was sent once without a clear answer, .* answer for this dispatch\. The search shows nothing\.$/,
    );
    // A look-up that is conclusive once does not speak for the last one.
    const mixed = after(
      after(inDoubt, { type: 'miss', conclusive: true }, settled),
      { type: 'miss' },
      settled,
    );
    expect(after(mixed, { type: 'miss' }, settled).state).toBe('DEAD');
    // A person may ask again once the account has its rights.
    const again = after(dead, { type: 'redrive' });
    expect(again.state).toBe('UNKNOWN');
    expect(looked(again, true).state).toBe('RESERVED');
  });

  it.each([
    [
      'was answered with success',
      { receivedAt: now },
      /said that it created it, .* Check in the external system/,
    ],
    [
      'was twice in doubt',
      { doubtfulSends: 2 },
      /sent 2 times without a clear answer, .* Check in the external/,
    ],
  ])('that %s is looked up to the end of the schedule, and then left to a person', (_, over, advice) => {
    const unknown = aDispatch({ target, state: 'UNKNOWN', sends: 2, attempts: 1, lastSentAt: now, ...over });
    const dead = lookedUntilTheEnd(unknown);
    expect(dead).toMatchObject({ state: 'DEAD', live: true, attempts: attemptDelaysMs.length, sends: 2 });
    expect(dead.lastError).toMatch(advice);

    const redriven = after(dead, { type: 'redrive' });
    expect(redriven).toMatchObject({ state: 'UNKNOWN', attempts: 0, ...over });
    expect(lookedUntilTheEnd(redriven)).toMatchObject({ state: 'DEAD', sends: 2, ...over });
    expect(after(dead, { type: 'confirm', reference: 'OPS-1' }).state).toBe('CONFIRMED');
    expect(after(dead, { type: 'withdraw', reason: 'It is not there.' }).state).toBe('FAILED');
  });

  it('in doubt keeps its place when the resend is refused, until a person has looked', () => {
    const dead = afterAnswer(sending(doubted), answers.refused);
    expect(dead).toMatchObject({ state: 'DEAD', live: true, sends: 2, doubtfulSends: 1 });
    expect(dead).not.toHaveProperty('nextAttemptAt');
    expect(dead.lastError).toMatch(
      /^It was sent once without a clear answer.* Sent again: It answered 500\.$/,
    );

    expect(after(dead, { type: 'redrive' }).state).toBe('UNKNOWN');
    expect(after(dead, { type: 'confirm', reference: 'OPS-1' })).toMatchObject({
      state: 'CONFIRMED',
      live: true,
    });
    expect(after(dead, { type: 'withdraw', reason: 'It is not there.' })).toMatchObject({ live: false });
  });

  it('in doubt that is no longer wanted is over when the resend is refused', () => {
    const answered = afterAnswer({ ...sending(doubted), live: false }, answers.refused);
    expect(answered).toMatchObject({ state: 'FAILED', live: false });
  });

  it('that can never be looked up is left to a person, who is told both', () => {
    const unknown = aDispatch({ target, state: 'UNKNOWN', attempts: 9, receivedAt: now });
    const { state, lastError } = after(unknown, { type: 'wait', problem: 'x'.repeat(500) });
    expect(state).toBe('DEAD');
    expect(lastError).toMatch(/^The external system said .* answer for this dispatch\. x+/);
    expect(lastError).toHaveLength(500);
  });

  it('that was received does not count as missing when it is not wanted any more', () => {
    const takenBack = aDispatch({ target, state: 'UNKNOWN', live: false, receivedAt: now, lastSentAt: now });
    expect(looked(takenBack).state).toBe('UNKNOWN');
    expect(lookedUntilTheEnd(takenBack).state).toBe('DEAD');
  });

  it.each([{ receivedAt: now }, { doubtfulSends: 2 }])(
    'reserved under an earlier rule is looked up: %j',
    (over) => {
      for (const live of [true, false]) {
        const reserved = aDispatch({ target, sends: 3, live, lastSentAt: now, ...over });
        expect(dueWork(reserved, now)).toBe('find');
        expect(after(reserved, { type: 'look' })).toMatchObject({ state: 'UNKNOWN', sends: 3 });
        expect(
          decideDispatch(reserved, { type: 'send' }, aContext(), defaultLookupPolicies[target]),
        ).toMatchObject({
          ok: false,
          refusal: { code: 'not_allowed', command: 'send' },
        });
      }
    },
  );
});

describe.each(['WEBHOOK', 'LEDGER'] as const)('a send to %s, which de-duplicates by id', (target) => {
  it('is repeated on the schedule, and its doubts are not counted', () => {
    let dispatch = aDispatch({ target });
    for (let sends = 1; sends < attemptDelaysMs.length; sends++) {
      dispatch = afterAnswer(after(dispatch, { type: 'send' }), answers.unknown);
      expect(dispatch).toMatchObject({ state: 'RESERVED', sends, doubtfulSends: 0 });
    }
  });
});

type Step = Readonly<{ pick: number; isUsual: boolean; waitMs: number }>;
type Life = Readonly<{ sends: number; notSent: number; afterSuccess: number }>;

/** What mostly happens in bad weather; a life of anything that is allowed would mostly end before its second send. */
const usual: Readonly<Record<DispatchState, readonly DispatchCommand['type'][]>> = {
  RESERVED: ['send'],
  SENDING: ['lose', 'lose', 'put_off', 'receive'],
  UNKNOWN: ['look', 'miss', 'miss', 'wait'],
  CONFIRMED: ['sweep'],
  FAILED: [],
  DEAD: ['redrive'],
};

/** A random life: of the commands that the state allows, whatever the schedule would say, one after the other. */
function live(
  kind: 'ticket' | 'note',
  steps: readonly Step[],
  forget: (dispatch: Dispatch) => Dispatch,
): Life {
  let dispatch = aDispatch({ kind, live: kind === 'ticket' });
  let at: Timestamp = now;
  let [notSent, afterSuccess, succeeded] = [0, 0, false];
  for (const { pick, isUsual, waitMs } of steps) {
    at = laterBy(at, waitMs);
    dispatch = forget(dispatch);
    const allowed = commandsFrom(dispatchLifecycle, dispatch.state);
    const from = isUsual ? usual[dispatch.state].filter((each) => allowed.includes(each)) : allowed;
    const type = from[pick % from.length];
    if (type === undefined) break;
    const command = {
      type,
      problem,
      reason: problem,
      reference: 'OPS-1',
      references: [],
      afterMs: 0,
      id: '10001',
      conclusive: true,
    } as DispatchCommand;
    const decided = decideDispatch(dispatch, command, aContext({ now: at }), defaultLookupPolicies.JIRA);
    if (!decided.ok) continue;
    if (type === 'send' && succeeded) afterSuccess++;
    // Neither has arrived, so neither can have made anything.
    if (type === 'put_off' || (type === 'refuse' && dispatch.state === 'SENDING')) notSent++;
    succeeded ||= type === 'receive' || (type === 'confirm' && dispatch.state === 'SENDING');
    dispatch = decided.value;
  }
  return { sends: dispatch.sends, notSent, afterSuccess };
}

const aStep = fc.record({
  pick: fc.nat(59),
  isUsual: fc.nat(9).map((n) => n > 0),
  waitMs: fc.constantFrom(0, 1000, settleMs, 20 * 3_600_000),
});

const aLife = (forget: (dispatch: Dispatch) => Dispatch) =>
  fc.property(
    fc.constantFrom('ticket' as const, 'note' as const),
    fc.array(aStep, { maxLength: 100, size: 'max' }),
    (kind, steps) => {
      const { sends, notSent, afterSuccess } = live(kind, steps, forget);
      expect(sends).toBeLessThanOrEqual(1 + notSent + 1);
      expect(afterSuccess).toBe(0);
    },
  );

describe('in any life of a dispatch', () => {
  it('one resend is made at most, besides what did not leave, and none after a success', () => {
    fc.assert(
      aLife((dispatch) => dispatch),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, (dispatch: Dispatch) => Dispatch]>([
    ['doubts', (dispatch) => ({ ...dispatch, doubtfulSends: 0 })],
    ['successes', ({ receivedAt: _, ...dispatch }) => dispatch],
  ])('more are made where %s are forgotten', (_what, forget) => {
    expect(() => fc.assert(aLife(forget), { numRuns: 2_000, endOnFailure: true })).toThrow(/Property failed/);
  });

  it('what may be sent follows from both', () => {
    expect(maySend(aDispatch())).toBe(true);
    expect(maySend(aDispatch({ doubtfulSends: 1, sends: 9 }))).toBe(true);
    expect(maySend(aDispatch({ doubtfulSends: 2 }))).toBe(false);
    expect(maySend(aDispatch({ receivedAt: now }))).toBe(false);
  });
});
