import { aCallback, aContext, anException, inEveryStatus } from '../testing';
import { accepted } from '../testing/outcomes';
import { limits } from '../value/text';
import { callbackStatuses, type Callback } from './callback';
import { receive } from './receive';
import { dispatchTargets } from '../value/dispatch-target';
import type { ReconException } from './recon-exception';

const waiting = inEveryStatus['PENDING_RESOLUTION for an external system']!;
const takenUp = inEveryStatus['ASSIGNED, taken up by an external system']!;

/** What is malformed about a callback that is not even meant for the exception, so before anything else is asked. */
const flaw = (over: Partial<Callback>) => {
  const outcome = receive(anException(), aCallback(over), aContext());
  return outcome.ok || outcome.refusal.code !== 'invalid_value' ? undefined : outcome.refusal;
};

const texts = {
  externalSystem: limits.queue,
  externalIssueId: limits.queue,
  callbackType: limits.queue,
  resolutionNotes: limits.notes,
  assignee: limits.assignee,
} as const;

describe('a malformed callback', () => {
  it.each(Object.entries(texts))('has a %s that does not fit', (field, max) => {
    for (const text of ['', ' ', 'x'.repeat(max + 1), 'a\u0000b', '\ud83d']) {
      expect(flaw({ [field]: text })).toMatchObject({ field });
    }
    expect(flaw({ [field]: '😀'.repeat(max) })).toBeUndefined();
  });

  it('has a payload that cannot be kept', () => {
    for (const payload of ['\u0000', 'x\ud83d', 'x'.repeat(limits.payload + 1)]) {
      expect(flaw({ payload })).toMatchObject({ field: 'payload' });
    }
    for (const payload of ['', ' ', '😀'.repeat(limits.payload)]) expect(flaw({ payload })).toBeUndefined();
  });

  it.each(['dueAt', 'updatedAt'])('has a %s in another form', (field) => {
    for (const time of ['', 'tomorrow', '2026-01-02', '2026-01-02T03:04:05Z', '2026-02-30T00:00:00.000Z']) {
      expect(flaw({ [field]: time })).toMatchObject({ field });
    }
  });

  it('has a status that no system may report', () => {
    for (const status of ['PENDING_RESOLUTION', 'resolved', '', 'toString']) {
      expect(flaw({ status: status as 'OPEN' })).toEqual({
        code: 'invalid_value',
        field: 'status',
        problem: 'must be one of OPEN, ASSIGNED, RESOLVED',
      });
    }
  });

  it('is ASSIGNED without an assignee', () => {
    const { assignee: _nobody, ...callback } = aCallback({ status: 'ASSIGNED' });
    for (const exception of [waiting, takenUp, anException()]) {
      expect(receive(exception, callback, aContext())).toEqual({
        ok: false,
        refusal: {
          code: 'invalid_value',
          field: 'assignee',
          problem: 'is required when the status is ASSIGNED',
        },
      });
    }
  });
});

describe('what is said for a callback that says nothing itself', () => {
  const silent = ({ externalSystem, externalIssueId }: ReconException): Omit<Callback, 'status'> => ({
    externalSystem: externalSystem!,
    externalIssueId: externalIssueId!,
    assignee: 'dee',
  });

  it('fits, however long the issue is called', () => {
    const names = ['x', '😀', 'x😀', '😀x'].flatMap((unit) =>
      [250, 254, 255].map((length) => [...unit.repeat(length)].slice(0, length).join('')),
    );
    for (const externalSystem of dispatchTargets) {
      for (const externalIssueId of names) {
        for (const status of callbackStatuses) {
          for (const before of [waiting, takenUp]) {
            if (status === 'OPEN' && before === takenUp) continue;
            const exception = { ...before, externalSystem, externalIssueId };
            const callback = { ...silent(exception), status };
            const { state } = accepted(receive(exception, callback, aContext()));
            expect(state.resolutionNotes ?? '').not.toMatch(/\p{Surrogate}/u);
            if (status === 'RESOLVED')
              expect(state.resolutionNotes).toContain(
                `Resolved in ${externalSystem} ${[...externalIssueId][0]}`,
              );
          }
        }
      }
    }
  });

  it('is as much of it as fits', () => {
    const externalIssueId = '😀'.repeat(255);
    const exception = { ...takenUp, externalIssueId };
    const { state } = accepted(receive(exception, { ...silent(exception), status: 'RESOLVED' }, aContext()));
    expect(state.resolutionNotes).toBe(`Resolved in JIRA ${'😀'.repeat(limits.resolution - 17)}`);
    expect(state.externalIssueId).toBe(externalIssueId);
  });
});
