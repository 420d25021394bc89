import { attemptDelaysMs, nextAttemptAt } from '../dispatch/schedule';
import { laterBy, type Timestamp } from '../value/timestamp';
import { decideAttempt, isEndpointTrouble, type EndpointAnswer } from './decide-attempt';

const now: Timestamp = '2026-01-02T03:04:05.678Z';
const eventId = '019c96a0-10d2-7134-ba5f-664142ee7052';
const decide = (answer: EndpointAnswer, attemptOfRound = 1) =>
  decideAttempt({ eventId, attemptOfRound }, answer, now);
const planned = (attempt: number) => nextAttemptAt(eventId, attempt, now)!;
const brokenOff = 'acme.example answered, but not to the end: it broke the connection.';

describe('an attempt to deliver', () => {
  it.each([200, 201, 204, 299])('has succeeded with %i, to the end or not', (status) => {
    const delivered = { status, next: { state: 'DELIVERED' }, holdMs: 0 };
    expect(decide({ status })).toEqual(delivered);
    expect(decide({ status, problem: brokenOff })).toEqual(delivered);
  });

  it.each([
    [400, 'It answered 400.'],
    [302, 'It answered 302, and redirects are not followed.'],
    [500, 'It answered 500.'],
  ])('has failed with %i, and is tried again by the schedule', (status, problem) => {
    const next = { state: 'PENDING', at: planned(3) };
    expect(decide({ status }, 3)).toEqual({ status, problem, next, holdMs: 0 });
    // The problem tells of the status as well.
    expect(decide({ status, problem: brokenOff }, 3)).toEqual({ problem: brokenOff, next, holdMs: 0 });
  });

  it('has failed without an answer', () => {
    const problem = 'Nothing was sent to acme.example: there is no such name.';
    expect(decide({ problem })).toEqual({ problem, next: { state: 'PENDING', at: planned(1) }, holdMs: 0 });
  });

  it('is the last when the schedule has ended', () => {
    const last = attemptDelaysMs.length;
    expect(decide({ status: 500 }, last - 1).next).toEqual({ state: 'PENDING', at: planned(last - 1) });
    expect(decide({ status: 500 }, last).next).toEqual({ state: 'DEAD' });
    // Nothing is sent any more, so nothing has to wait.
    expect(decide({ status: 503, retryAfterMs: 60_000 }, last).holdMs).toBe(0);
  });

  it('is the last, and disables the endpoint, when that answers 410', () => {
    expect(decide({ status: 410, retryAfterMs: 60_000 })).toEqual({
      status: 410,
      problem: 'It answered 410.',
      next: { state: 'DEAD' },
      holdMs: 0,
      disables: 'It answered 410: it wants to hear no more.',
    });
    expect(decide({ status: 410, problem: brokenOff })).toMatchObject({
      next: { state: 'DEAD' },
      disables: expect.any(String),
    });
  });

  it.each([429, 502, 503, 504])(
    'waits as long as %i asks for, or by the schedule if that is later',
    (status) => {
      const day = 24 * 3_600_000;
      const asked = decide({ status, retryAfterMs: day });
      expect([asked.holdMs, asked.next]).toEqual([day, { state: 'PENDING', at: laterBy(now, day) }]);
      const soon = decide({ status, retryAfterMs: 1 }, 9);
      expect([soon.holdMs, soon.next]).toEqual([1, { state: 'PENDING', at: planned(9) }]);
      expect(decide({ status }).holdMs).toBe(0);
    },
  );

  it.each([400, 301, 500, 501])('does not wait for what %i asks for', (status) => {
    const { holdMs, next } = decide({ status, retryAfterMs: 3_600_000 });
    expect([holdMs, next]).toEqual([0, { state: 'PENDING', at: planned(1) }]);
  });
});

describe('the trouble of an endpoint', () => {
  it.each<[number, boolean]>([
    [200, false],
    [302, false],
    [404, false],
    [410, false],
    [429, true],
    [500, true],
    [599, true],
  ])('is told by %i alone, be the answer whole or not: %s', (status, isTrouble) => {
    expect(isEndpointTrouble({ status })).toBe(isTrouble);
    expect(isEndpointTrouble({ status, problem: brokenOff })).toBe(isTrouble);
  });

  it('is that there is no answer', () => {
    expect(isEndpointTrouble({ problem: 'Nothing was sent.' })).toBe(true);
  });

  it('is never found in what counts as delivered', () => {
    for (let status = 200; status < 600; status++)
      for (const answer of [{ status }, { status, problem: brokenOff }])
        if (decide(answer).next.state === 'DELIVERED') expect(isEndpointTrouble(answer)).toBe(false);
  });
});
