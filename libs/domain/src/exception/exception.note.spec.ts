import { openDispute } from '../dispute/dispute';
import { aContext, aReport, anException } from '../testing/builders';
import { decide } from './exception';
import type { ExceptionCommand } from './exception.lifecycle';
import { exceptionNote } from './exception.note';
import { noFacts } from './exception.facts';
import { raise, recordSighting } from './raise';
import type { ReconException } from './recon-exception';

const ctx = aContext();
const out: Partial<ReconException> = {
  status: 'PENDING_RESOLUTION',
  pending: 'external',
  externalSystem: 'JIRA',
  assignedTo: 'ben',
};

const after = (command: ExceptionCommand, over: Partial<ReconException>): string | undefined => {
  const change = decide(anException(over), command, ctx);
  if (!change.ok) throw new Error(change.refusal.code);
  return exceptionNote(change.value.events[0]!);
};

describe('the note about', () => {
  it.each<[what: string, command: ExceptionCommand, note: string, over?: Partial<ReconException>]>([
    [
      'a match after all',
      { type: 'force_match', overrideReason: 'BUSINESS_DECISION', notes: 'Approved by finance' },
      'Resolved by ana, as a match after all: BUSINESS_DECISION\nApproved by finance',
    ],
    [
      'an adjustment',
      {
        type: 'adjust_entry',
        amount: '12.5',
        currency: 'BHD',
        direction: 'CREDIT',
        effectiveAt: '2026-01-01T12:00:00.000Z',
        reasonCode: 'FEE',
        notes: 'Posted',
      },
      'Resolved by ana, by an adjustment of CREDIT 12.500 BHD, effective 2026-01-01 12:00 UTC: FEE\nPosted',
    ],
    [
      'a plain resolution',
      { type: 'resolve', resolution: 'Bank fixed it' },
      'Resolved by ana: Bank fixed it',
    ],
    [
      'a resolution with a reason',
      { type: 'resolve', resolution: 'Bank fixed it', reason: 'Their mistake' },
      'Resolved by ana: Their mistake\nBank fixed it',
    ],
    ['a confirmation', { type: 'confirm' }, 'Resolved by ana.'],
    ['a confirmation with notes', { type: 'confirm', notes: 'Done' }, 'Resolved by ana: Done'],
    ['a return', { type: 'return', reason: 'Not ours' }, 'Given back by ana: Not ours'],
    ['a recall', { type: 'recall' }, 'Taken back by ana, there is nothing left to do here.'],
    [
      'a recall with a reason',
      { type: 'recall', reason: 'Found it' },
      'Taken back by ana, there is nothing left to do here: Found it',
    ],
    [
      'an assignment',
      { type: 'assign', assignee: 'cleo' },
      'Assigned to cleo by ana.',
      { status: 'ASSIGNED', assignedTo: 'ben' },
    ],
    [
      'an assignment with a due date',
      { type: 'assign', assignee: 'cleo', dueAt: '2026-02-01T00:00:00.000Z' },
      'Assigned to cleo by ana, due 2026-02-01 00:00 UTC.',
      { status: 'ASSIGNED', assignedTo: 'ben' },
    ],
    [
      'another due date',
      { type: 'assign', assignee: 'ben', dueAt: '2026-02-01T00:00:00.000Z' },
      'Due 2026-02-01 00:00 UTC.',
      { status: 'ASSIGNED', assignedTo: 'ben' },
    ],
    [
      'letting go',
      { type: 'unassign' },
      'No longer assigned to ben, by ana.',
      { status: 'ASSIGNED', assignedTo: 'ben' },
    ],
  ])('%s', (_what, command, note, over = out) => {
    expect(after(command, over)).toBe(note);
  });

  it('a higher severity', () => {
    const change = recordSighting(anException(), aReport({ severity: 'CRITICAL' }), ctx);
    expect(change.ok && exceptionNote(change.value.events[0]!)).toBe(
      'Severity is now CRITICAL, before MEDIUM.',
    );
  });

  const aNote = {
    id: '1',
    type: 'exception.assigned',
    exceptionId: 'e',
    version: 1,
    actor: 'ana',
    at: ctx.now,
    changes: {},
  };

  it('an adjustment nothing is known of, as an old history may have it', () => {
    const event = { ...aNote, type: 'exception.entry_adjusted', data: { adjustment: ['toString'] } };
    expect(exceptionNote(event)).toBe('Resolved by ana, by an adjustment:');
  });
});

describe('there is no note', () => {
  it('about what the ticket says itself', () => {
    const raised = raise(aReport(), ctx);
    expect(raised.ok && exceptionNote(raised.value.events[0]!)).toBeUndefined();
    expect(after({ type: 'dispatch', target: 'MANUAL' }, {})).toBeUndefined();
  });

  it('about what concerns no external system', () => {
    const propose: ExceptionCommand = {
      type: 'propose',
      waitsFor: 'approval',
      resolution: { type: 'resolve', resolution: 'x' },
    };
    expect(after(propose, {})).toBeUndefined();
    const opening = { category: 'OTHER', description: 'x' } as const;
    const opened = openDispute('e', opening, ctx, noFacts);
    expect(opened.ok && exceptionNote(opened.value.events[0]!)).toBeUndefined();
  });
});
