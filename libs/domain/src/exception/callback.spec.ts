import { commandsFrom, nextStatuses } from '../lifecycle';
import { aCallback, aContext, inEveryStatus, now } from '../testing';
import { accepted, refusal } from '../testing/outcomes';
import { callbackStatuses, type Callback, type CallbackStatus } from './callback';
import { receive } from './receive';
import { exceptionLifecycle, type ExceptionCommandType } from './exception.lifecycle';
import type { ReconException } from './recon-exception';

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

/** What the callback is to one that waits for it, and to any other. */
const meaning: Record<CallbackStatus, [waiting: ExceptionCommandType, otherwise: ExceptionCommandType]> = {
  OPEN: ['return', 'return'],
  ASSIGNED: ['return', 'assign'],
  RESOLVED: ['confirm', 'resolve'],
};

describe.each(Object.entries(inEveryStatus))('a callback to an exception that is %s', (_name, example) => {
  const linked: ReconException = { ...example, externalSystem: 'JIRA', externalIssueId: 'OPS-4711' };
  const { status, pending } = linked;

  it.each(callbackStatuses)('saying %s is heard as the table says', (said) => {
    const command = meaning[said][status === 'PENDING_RESOLUTION' ? 0 : 1];
    const next = nextStatuses(exceptionLifecycle, status, command);
    const outcome = receiveReport(linked, { status: said });
    if (pending !== undefined && pending !== 'external') {
      expect(refusal(outcome)).toEqual({ code: 'still_pending', waitsFor: pending });
    } else if (next.length === 0) {
      const allowed = commandsFrom(exceptionLifecycle, status);
      expect(refusal(outcome)).toEqual({ code: 'not_allowed', command, status, allowed });
    } else {
      expect(next).toContain(accepted(outcome).state.status);
    }
  });

  it.each(callbackStatuses)('saying %s from elsewhere is not meant for it', (said) => {
    const link = { externalSystem: 'JIRA', externalIssueId: 'OPS-4711' };
    for (const over of [
      { externalSystem: 'WEBHOOK' },
      { externalSystem: 'jira' },
      { externalIssueId: 'OPS-1' },
    ])
      expect(refusal(receiveReport(linked, { ...over, status: said }))).toEqual({
        code: 'callback_mismatch',
        ...link,
      });
    const { externalSystem: _system, externalIssueId: _issue, ...alone } = linked;
    expect(refusal(receiveReport(alone, { status: said }))).toEqual({ code: 'callback_mismatch' });
  });
});

describe('an exception that waits for an external system', () => {
  it('is resolved by it', () => {
    const { basedOn, state, events, endsDispatches } = received(waiting);
    const { pending: _over, ...rest } = waiting;
    const resolution = { resolutionNotes, resolvedAt: now, resolvedBy: 'jira' };
    const after = { status: 'RESOLVED', version: 5, updatedAt: now, externalUpdatedAt: updatedAt };
    expect(basedOn).toBe(waiting.version);
    expect(state).toEqual({ ...rest, ...resolution, ...after });
    expect(endsDispatches).toBe(true);
    expect(events).toMatchObject([{ type: 'exception.confirmed', version: 5, actor: 'jira', at: now }]);
  });

  it('is taken up there by a person, and stays there', () => {
    const { state, events, endsDispatches } = received(waiting, { status: 'ASSIGNED' });
    const { pending: _over, ...rest } = waiting;
    const after = { status: 'ASSIGNED', version: 5, updatedAt: now, externalUpdatedAt: updatedAt };
    expect(state).toEqual({ ...rest, ...after, assignedBy: 'jira', assignedTo: assignee, dueAt });
    expect(endsDispatches).toBeUndefined();
    expect(events).toMatchObject([
      { type: 'exception.returned', data: { reason: 'Taken up in JIRA OPS-4711' } },
    ]);
  });

  it('is given back to its assignee, and no external system has it any more', () => {
    const { assignedTo: _nobody, ...rest } = waiting;
    const unassigned: ReconException = rest;
    for (const [before, status] of [
      [waiting, 'ASSIGNED'],
      [unassigned, 'OPEN'],
    ] as const) {
      const { state, events, endsDispatches } = received(before, { status: 'OPEN' });
      expect(state).toMatchObject({ status, dueAt });
      expect(state.assignedTo).toBe(before.assignedTo);
      for (const field of ['pending', 'externalSystem', 'externalIssueId', 'externalUpdatedAt'])
        expect(state).not.toHaveProperty(field);
      expect(endsDispatches).toBe(true);
      expect(events[0]?.data).toMatchObject({ reason: resolutionNotes });
    }
  });

  it('is told what happened where nothing is said of it', () => {
    const say = (status: CallbackStatus) => accepted(receive(waiting, bare(status), aContext()));
    expect(say('RESOLVED').state.resolutionNotes).toBe('Resolved in JIRA OPS-4711');
    expect(say('OPEN').events[0]?.data).toMatchObject({ reason: 'Returned by JIRA OPS-4711' });
    expect(say('ASSIGNED').state.dueAt).toBe(waiting.dueAt);
    expect(say('ASSIGNED').state.externalUpdatedAt).toBe(waiting.externalUpdatedAt);
  });

  it('learns its issue from the first that is named, and holds to it', () => {
    const unnamed =
      inEveryStatus['PENDING_RESOLUTION for an external system, which has yet to say anything']!;
    const { state, events } = received(unnamed, { externalSystem: 'SERVICENOW', status: 'ASSIGNED' });
    expect(state).toMatchObject({ externalIssueId: 'OPS-4711', externalUpdatedAt: updatedAt });
    expect(events[0]?.changes).toMatchObject({
      externalIssueId: { to: 'OPS-4711' },
      externalUpdatedAt: { to: updatedAt },
    });
    expect(refusal(receiveReport(state, { externalSystem: 'SERVICENOW', externalIssueId: 'OPS-1' }))).toEqual(
      {
        code: 'callback_mismatch',
        externalSystem: 'SERVICENOW',
        externalIssueId: 'OPS-4711',
      },
    );
  });
});
