import { aContext, aDispatch, now } from '../testing';
import { statuses, unreachable } from '../lifecycle';
import { defaultLookupPolicies, type LookupPolicy } from './lookup-policy';
import { decideDispatch } from './decide-dispatch';
import { dueWork, leaseMs, type Dispatch } from './dispatch';
import { dispatchLifecycle, type DispatchCommand } from './dispatch.lifecycle';
import { laterBy } from '../value/timestamp';
import { attemptDelaysMs } from './schedule';

const { JIRA: jira, WEBHOOK: webhook } = defaultLookupPolicies;
const minute = 60_000;

function after(
  dispatch: Dispatch,
  command: DispatchCommand,
  at = now,
  assured: LookupPolicy = defaultLookupPolicies[dispatch.target],
): Dispatch {
  const decided = decideDispatch(dispatch, command, aContext({ now: at }), assured);
  if (!decided.ok) throw new Error(JSON.stringify(decided.refusal));
  return decided.value;
}

const problem = 'The connection broke.';
const reserved = aDispatch();
const sending = after(reserved, { type: 'send' });
const unknown = after(sending, { type: 'lose', problem });

describe('the lifecycle of a dispatch', () => {
  it('reaches every state', () => {
    expect(unreachable(dispatchLifecycle)).toEqual([]);
    expect(statuses(dispatchLifecycle)).toEqual([
      'RESERVED',
      'SENDING',
      'UNKNOWN',
      'CONFIRMED',
      'FAILED',
      'DEAD',
    ]);
  });

  it('never sends what may be there already', () => {
    for (const state of ['SENDING', 'UNKNOWN', 'CONFIRMED', 'FAILED', 'DEAD'] as const) {
      const decided = decideDispatch({ ...reserved, state }, { type: 'send' }, aContext(), jira);
      expect(decided).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    }
  });
});

describe('sending', () => {
  it('is written down before it is done, for as long as the lease', () => {
    expect(sending).toMatchObject({ state: 'SENDING', version: 2, sends: 1, attempts: 1, firstSentAt: now });
    expect(sending.nextAttemptAt).toBe(laterBy(now, leaseMs));
  });

  it('that did not arrive is tried again on the schedule, until it is given up', () => {
    let dispatch = reserved;
    let at = now;
    for (const [made, delay] of attemptDelaysMs.entries()) {
      if (made === 0) continue;
      dispatch = after(after(dispatch, { type: 'send' }, at), { type: 'put_off', problem }, at);
      expect(dispatch).toMatchObject({ state: 'RESERVED', attempts: made, lastError: problem });
      const waited = Date.parse(dispatch.nextAttemptAt ?? '') - Date.parse(at);
      expect(waited).toBeGreaterThanOrEqual(delay);
      expect(waited).toBeLessThanOrEqual(delay * 1.1);
      at = dispatch.nextAttemptAt ?? at;
    }
    dispatch = after(after(dispatch, { type: 'send' }, at), { type: 'put_off', problem }, at);
    expect(dispatch.state).toBe('DEAD');
    expect(dispatch).not.toHaveProperty('nextAttemptAt');
  });

  it('waits at least as long as the other side asks for', () => {
    const put = after(sending, { type: 'put_off', problem, retryAfterMs: 90 * minute });
    expect(put.nextAttemptAt).toBe(laterBy(now, 90 * minute));
  });

  it('that is refused is over, and holds no place any more', () => {
    expect(after(sending, { type: 'refuse', problem })).toMatchObject({ state: 'FAILED', live: false });
  });

  it('may be repeated at once where the receiver tells repetitions', () => {
    const lost = after(after(aDispatch({ target: 'WEBHOOK' }), { type: 'send' }), { type: 'lose', problem });
    expect(lost.state).toBe('RESERVED');
    expect(webhook.lookups).toBe(0);
  });
});

describe('what may be there', () => {
  const at = (part: number) => laterBy(now, jira.settleMs * part);

  it('is looked up three times over the settle time before it is sent again', () => {
    expect(unknown).toMatchObject({ state: 'UNKNOWN', nextAttemptAt: at(0.05) });
    const once = after(after(unknown, { type: 'look' }, at(0.05)), { type: 'miss' }, at(0.05));
    expect(once).toMatchObject({ state: 'UNKNOWN', misses: 1, nextAttemptAt: at(0.5) });
    const twice = after(once, { type: 'miss' }, at(0.5));
    expect(twice).toMatchObject({ state: 'UNKNOWN', misses: 2, nextAttemptAt: at(1) });
    expect(after(twice, { type: 'miss', conclusive: true }, at(1))).toMatchObject({
      state: 'RESERVED',
      misses: 3,
    });
  });

  it('is not sent again before the settle time, however often it was looked up', () => {
    let dispatch = unknown;
    for (let i = 0; i < 10; i++) dispatch = after(dispatch, { type: 'miss' }, at(0.9));
    expect(dispatch).toMatchObject({ state: 'UNKNOWN', nextAttemptAt: at(1) });
  });

  it('is not sent again once it is no longer wanted', () => {
    const takenBack = { ...unknown, misses: 2, live: false };
    const conclusive = { type: 'miss', conclusive: true } as const;
    expect(after(takenBack, conclusive, at(1))).toMatchObject({ state: 'FAILED' });
    expect(after(takenBack, { type: 'miss' }, at(1))).toMatchObject({ state: 'DEAD' });
  });

  it('is confirmed when it is found, with the others as duplicates', () => {
    const found = after(unknown, { type: 'confirm', reference: 'OPS-1', duplicates: ['OPS-2'] });
    expect(found).toMatchObject({ state: 'CONFIRMED', externalReference: 'OPS-1', duplicates: ['OPS-2'] });
    expect(found).not.toHaveProperty('lastError');
  });

  it('is given up when it can never be looked up', () => {
    let dispatch = unknown;
    for (let i = 1; i < attemptDelaysMs.length - 1; i++)
      dispatch = after(dispatch, { type: 'wait', problem });
    expect(dispatch.state).toBe('UNKNOWN');
    expect(after(dispatch, { type: 'wait', problem }).state).toBe('DEAD');
  });
});

describe('a confirmed dispatch', () => {
  it('that was sent once is not looked at again', () => {
    const confirmed = after(sending, {
      type: 'confirm',
      reference: 'OPS-1',
      url: 'https://example.com/OPS-1',
    });
    expect(confirmed).toMatchObject({ state: 'CONFIRMED', externalUrl: 'https://example.com/OPS-1' });
    expect(confirmed).not.toHaveProperty('nextAttemptAt');
  });

  it('that was sent again is swept twice, and keeps what it finds', () => {
    const again = { ...sending, sends: 2 };
    const confirmed = after(again, { type: 'confirm', reference: 'OPS-2' });
    expect(confirmed.nextAttemptAt).toBe(laterBy(now, jira.settleMs));
    const clean = after(confirmed, { type: 'sweep', references: ['OPS-2'] });
    expect(clean).not.toHaveProperty('duplicates');
    const dirty = after(clean, { type: 'sweep', references: ['OPS-1', 'OPS-2'] });
    expect(dirty).toMatchObject({ duplicates: ['OPS-1'], sweeps: 2 });
    expect(dirty).not.toHaveProperty('nextAttemptAt');
  });
});

describe('a dead dispatch', () => {
  it('is sent from the start when it never was, and looked up first when it was', () => {
    const dead = { ...reserved, state: 'DEAD', attempts: 10 } as const;
    expect(after(dead, { type: 'redrive' })).toMatchObject({ state: 'RESERVED', attempts: 0 });
    expect(after({ ...dead, sends: 9 }, { type: 'redrive' })).toMatchObject({ state: 'RESERVED' });
    for (const arrived of [{ doubtfulSends: 1 }, { receivedAt: now }])
      expect(after({ ...dead, sends: 1, ...arrived }, { type: 'redrive' })).toMatchObject({
        state: 'UNKNOWN',
        id: dead.id,
      });
  });
});

describe('what is due', () => {
  const due = (over: Partial<Dispatch>, early = false) =>
    dueWork({ ...reserved, nextAttemptAt: now, ...over }, now, early);

  it('follows from the state', () => {
    expect(due({})).toBe('send');
    expect(due({ live: false })).toBe('withdraw');
    expect(due({ live: false, kind: 'note' })).toBe('send');
    expect(due({ state: 'SENDING' })).toBe('overdue');
    expect(due({ state: 'UNKNOWN' })).toBe('find');
    expect(due({ state: 'CONFIRMED' })).toBe('sweep');
    expect(due({ state: 'DEAD' })).toBeUndefined();
  });

  it('is nothing before its time, except for the process that has just reserved it', () => {
    const later = { nextAttemptAt: laterBy(now, 1) };
    expect(due(later)).toBeUndefined();
    expect(due(later, true)).toBe('send');
    expect(due({ ...later, state: 'UNKNOWN' }, true)).toBeUndefined();
  });
});
