import { defaultPolicy } from './policy';
import { aCallback, aContext, inEveryStatus, now, sampleCommands } from '../testing';
import { accepted, refusal } from '../testing/outcomes';
import { callbackStatuses, type Callback, type CallbackStatus } from './callback';
import { receive } from './receive';
import { decide } from './exception';
import type { DispatchTarget } from '../value/dispatch-target';
import { noFacts } from './exception.facts';
import type { ReconException } from './recon-exception';

const { exception: sample } = sampleCommands;

const receiveReport = (exception: ReconException, over: Partial<Callback> = {}) =>
  receive(exception, aCallback(over), aContext({ actor: 'jira' }));
const received = (exception: ReconException, over: Partial<Callback> = {}) =>
  accepted(receiveReport(exception, over));

const { assignee, dueAt, updatedAt, resolutionNotes } = aCallback();
/** Without whatever need not be said. */
const bare = (status: CallbackStatus): Callback => ({
  externalSystem: 'JIRA',
  externalIssueId: 'OPS-4711',
  status,
  ...(status === 'ASSIGNED' && { assignee: 'dee' }),
});

const waiting = inEveryStatus['PENDING_RESOLUTION for an external system']!;
const takenUp = inEveryStatus['ASSIGNED, taken up by an external system']!;
const resolved = inEveryStatus['RESOLVED by an external system']!;
const proposed = inEveryStatus['PENDING_RESOLUTION for approval, taken up by an external system']!;

describe('an exception that was taken up outside', () => {
  it('is resolved from there, which ends what is out there', () => {
    const { state, events, endsDispatches } = received(takenUp);
    expect(state).toMatchObject({
      status: 'RESOLVED',
      resolutionNotes: 'Resolved in JIRA OPS-4711',
      resolutionReason: resolutionNotes,
      resolvedBy: 'jira',
    });
    expect(endsDispatches).toBe(true);
    expect(events).toMatchObject([{ type: 'exception.resolved' }]);
    const unsaid = accepted(receive(takenUp, bare('RESOLVED'), aContext())).state;
    expect(unsaid).not.toHaveProperty('resolutionReason');
  });

  it('is handed on there', () => {
    const { state, events } = received(takenUp, { status: 'ASSIGNED' });
    expect(state).toMatchObject({
      status: 'ASSIGNED',
      assignedTo: assignee,
      dueAt,
      externalIssueId: 'OPS-4711',
    });
    expect(events).toMatchObject([{ type: 'exception.assigned' }]);
    expect(refusal(receiveReport(state, { status: 'ASSIGNED' }))).toEqual({
      code: 'already_assigned',
      assignee,
    });
  });

  it('is not handed over to them again, which could not be recalled, but to another system', () => {
    const policy = { ...defaultPolicy, connectors: ['JIRA', 'SERVICENOW'] as const };
    const facts = {
      ...noFacts,
      liveDispatches: [{ id: 'out', target: 'JIRA', externalReference: 'OPS-4711' }] as const,
    };
    const give = (exception: ReconException, target: DispatchTarget) =>
      decide(exception, { type: 'dispatch', target }, aContext(), facts, policy);
    const already = { code: 'already_dispatched', target: 'JIRA', reference: 'OPS-4711' };
    expect(refusal(give(takenUp, 'JIRA'))).toEqual({ ...already, beyondRecall: true });
    expect(refusal(decide(takenUp, sample.recall, aContext(), facts))?.code).toBe('not_allowed');
    // What is out with both can be recalled from both.
    const elsewhere = accepted(give(takenUp, 'SERVICENOW')).state;
    expect(refusal(give(elsewhere, 'JIRA'))).toEqual(already);
    expect(accepted(decide(elsewhere, sample.recall, aContext(), facts)).endsDispatches).toBe(true);
  });

  it('is resolved from there however the policy is about disputes: it has happened', () => {
    const facts = { ...noFacts, activeDisputes: [{ id: 'd1', category: 'OTHER' }] };
    const strict = { ...defaultPolicy, disputeBlocksResolving: true };
    for (const exception of [waiting, takenUp]) {
      const { events } = accepted(receive(exception, aCallback(), aContext(), facts, strict));
      expect(events[0]?.data).toMatchObject({ activeDisputes: ['d1'] });
    }
  });

  it('is not resolved from there by approving what was proposed here', () => {
    for (const status of callbackStatuses) {
      const outcome = receive(proposed, aCallback({ status }), aContext({ actor: 'somebody else' }));
      expect(refusal(outcome)).toEqual({ code: 'still_pending', waitsFor: 'approval' });
    }
  });
});

describe('a proposal about one that was taken up outside', () => {
  it.each([sample.return, sample.recall])('leaves it there when it fails by $type', (command) => {
    const { state, endsDispatches } = accepted(decide(proposed, command, aContext()));
    const { pending: _over, proposal: _failed, ...rest } = proposed;
    expect(state).toEqual({ ...rest, status: 'ASSIGNED', version: proposed.version + 1, updatedAt: now });
    expect(endsDispatches).toBeUndefined();
  });

  it('ends what is out there when it takes effect', () => {
    const { state, endsDispatches } = accepted(decide(proposed, sample.confirm, aContext({ actor: 'cy' })));
    expect(state).toMatchObject({ status: 'RESOLVED', externalIssueId: 'OPS-4711' });
    expect(endsDispatches).toBe(true);
  });
});

describe('a callback', () => {
  it('that is older than the last one applied is recorded, and changes nothing', () => {
    const late = { updatedAt: '2026-01-02T10:50:00.007Z' };
    for (const exception of [waiting, takenUp, resolved, proposed]) {
      for (const status of callbackStatuses) {
        const change = received(exception, { ...late, status });
        expect(change).toEqual({
          basedOn: exception.version,
          state: exception,
          events: [
            {
              id: expect.any(String),
              type: 'exception.callback_ignored',
              exceptionId: exception.id,
              version: exception.version,
              actor: 'jira',
              at: now,
              changes: {},
              data: { callback: aCallback({ ...late, status }) },
            },
          ],
        });
      }
    }
    const elsewhere = receiveReport(waiting, { ...late, externalIssueId: 'OPS-1' });
    expect(refusal(elsewhere)).toMatchObject({ code: 'callback_mismatch' });
  });

  it('is not older when it is of the same moment, or of none', () => {
    const { externalUpdatedAt } = waiting;
    expect(received(waiting, { updatedAt: externalUpdatedAt! }).state.status).toBe('RESOLVED');
    expect(accepted(receive(waiting, bare('RESOLVED'), aContext())).state.status).toBe('RESOLVED');
    const { externalUpdatedAt: _never, ...fresh } = waiting;
    expect(received(fresh, { updatedAt: '2020-01-01T00:00:00.000Z' }).state.status).toBe('RESOLVED');
  });

  it('that says RESOLVED a second time is refused, since nothing more can happen', () => {
    const expected = { code: 'not_allowed', command: 'resolve', status: 'RESOLVED', allowed: [] };
    expect(refusal(receiveReport(received(waiting).state))).toEqual(expected);
  });

  it('is kept as it came, and what it changed with it', () => {
    for (const status of callbackStatuses) {
      const [event] = received(waiting, { status }).events;
      expect(event?.data).toMatchObject({ callback: aCallback({ status }) });
      const gone = { from: waiting.externalUpdatedAt };
      expect(event?.changes['externalUpdatedAt']).toEqual(
        status === 'OPEN' ? gone : { ...gone, to: updatedAt },
      );
    }
  });

  it('is measured by the clock of the system that has the exception now', () => {
    const policy = { ...defaultPolicy, connectors: ['SERVICENOW'] as const };
    const dispatch = { type: 'dispatch', target: 'SERVICENOW' } as const;
    const { state } = accepted(decide(takenUp, dispatch, aContext(), noFacts, policy));
    const early = { externalSystem: 'SERVICENOW', updatedAt: '2020-01-01T00:00:00.000Z' };
    expect(received(state, early).state.status).toBe('RESOLVED');
  });
});
