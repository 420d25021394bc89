import { commands, commandsFrom, nextStatuses } from '../lifecycle';
import type { Refusal } from '../refusal';
import { aContext, aDispute, anException, inEveryDisputeState, now, sampleCommands } from '../testing';
import { accepted } from '../testing/outcomes';
import { limits } from '../value/text';
import { decideDispute, openDispute, type Dispute, type DisputeChange } from './dispute';
import {
  disputeCategories,
  disputeEvents,
  disputeLifecycle,
  isActive,
  type DisputeCategory,
  type DisputeCommand,
} from './dispute.lifecycle';

const { dispute: sample } = sampleCommands;
const types = commands(disputeLifecycle);
type Others = Parameters<typeof decideDispute>[3];
const alone: Others = { activeDisputes: [] };
const beside = (category: DisputeCategory): Others => ({ activeDisputes: [{ id: 'd2', category }] });

const change = (dispute: Dispute, command: DisputeCommand): DisputeChange =>
  accepted(decideDispute(dispute, command, aContext(), alone));

const refusal = (dispute: Dispute, command: DisputeCommand, facts = alone): Refusal | undefined => {
  const outcome = decideDispute(dispute, command, aContext(), facts);
  return outcome.ok ? undefined : outcome.refusal;
};

describe('opening a dispute', () => {
  const opening = { category: 'BANK_FEE_ERROR', description: aDispute().description } as const;
  const { id: exceptionId } = anException();

  it('starts it at version 1 without evidence', () => {
    const { basedOn, state, events } = accepted(openDispute(exceptionId, opening, aContext(), alone));
    expect(basedOn).toBe(0);
    expect(state).toEqual(aDispute({ id: state.id }));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'dispute.opened',
      exceptionId,
      disputeId: state.id,
      version: 1,
      actor: 'ana',
      at: now,
    });
  });

  it('can start with a draft', () => {
    const draft = { ...opening, draft: true };
    const { state, events } = accepted(openDispute(exceptionId, draft, aContext(), alone));
    expect(state.state).toBe('DRAFT');
    expect(events[0]?.type).toBe('dispute.drafted');
    const plain = accepted(openDispute(exceptionId, { ...opening, draft: false }, aContext(), alone));
    expect(plain.state.state).toBe('OPEN');
  });

  it.each(disputeCategories)('of category %s is possible once at a time', (category) => {
    const once = openDispute(exceptionId, { ...opening, category }, aContext(), alone);
    expect(once.ok).toBe(true);
    for (const active of disputeCategories) {
      const twice = openDispute(exceptionId, { ...opening, category }, aContext(), beside(active));
      const expected = { ok: false, refusal: { code: 'dispute_active', disputeId: 'd2', category } };
      if (active === category) expect(twice).toEqual(expected);
      else expect(twice.ok).toBe(true);
    }
  });

  it.each([
    ['category', { category: 'other' as 'OTHER' }],
    ['description', { description: ' ' }],
    ['description', { description: 'x'.repeat(5001) }],
  ])('refuses a malformed %s (case %#)', (field, over) => {
    const outcome = openDispute(exceptionId, { ...opening, ...over }, aContext(), beside('BANK_FEE_ERROR'));
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'invalid_value', field } });
  });
});

describe.each(Object.entries(inEveryDisputeState))('a dispute that is %s', (_name, dispute) => {
  it.each(types)('answers to %s as the table says', (type) => {
    const next = nextStatuses(disputeLifecycle, dispute.state, type);
    const outcome = decideDispute(dispute, sample[type], aContext(), alone);
    if (next.length === 0) {
      const allowed = commandsFrom(disputeLifecycle, dispute.state);
      const { state: status } = dispute;
      expect(outcome).toEqual({
        ok: false,
        refusal: { code: 'not_allowed', command: type, status, allowed },
      });
    } else {
      const { basedOn, state, events } = accepted(outcome);
      expect(next).toEqual([state.state]);
      expect(basedOn).toBe(dispute.version);
      expect(state).toMatchObject({ id: dispute.id, version: dispute.version + 1, updatedAt: now });
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({
        type: disputeEvents[type],
        exceptionId: dispute.exceptionId,
        disputeId: dispute.id,
        version: state.version,
        actor: 'ana',
        at: now,
      });
    }
  });

  it('is active until it is won or lost', () => {
    expect(isActive(dispute)).toBe(dispute.state !== 'WON' && dispute.state !== 'LOST');
  });
});

describe('evidence', () => {
  it('is added at the end and told once', () => {
    const before = inEveryDisputeState['PENDING_EVIDENCE']!;
    const { state, evidence, events } = change(before, sample.submit_evidence);
    const { comment, fileUrl } = sample.submit_evidence;
    expect(evidence).toEqual({
      id: expect.any(String),
      disputeId: before.id,
      comment,
      fileUrl,
      submittedBy: 'ana',
      submittedAt: now,
    });
    expect(state.evidence).toEqual([...before.evidence, evidence]);
    expect(events[0]?.changes).toEqual({ state: { from: 'PENDING_EVIDENCE', to: 'OPEN' } });
    expect(events[0]?.data).toEqual({ evidence });
  });

  it('needs no file', () => {
    const { evidence } = change(aDispute(), { type: 'submit_evidence', comment: 'By telephone.' });
    expect(evidence).not.toHaveProperty('fileUrl');
  });

  it('has an end', () => {
    const [piece] = inEveryDisputeState['OPEN']!.evidence;
    const holding = (count: number) =>
      aDispute({ evidence: Array<NonNullable<typeof piece>>(count).fill(piece!) });
    expect(refusal(holding(limits.evidencePerDispute - 1), sample.submit_evidence)).toBeUndefined();
    expect(refusal(holding(limits.evidencePerDispute), sample.submit_evidence)).toEqual({
      code: 'evidence_limit',
      disputeId: aDispute().id,
      limit: 500,
    });
    expect(refusal(holding(limits.evidencePerDispute), sample.win)).toBeUndefined();
  });

  it.each([
    'https://example.com',
    'HTTPS://EXAMPLE.COM/a?b#c',
    'https://example.com:8443/a%20b',
    'https://[::1]/a',
    'https://例え.jp/ファイル',
    `https://example.com/${'x'.repeat(2048 - 20)}`,
  ])('may name %s', (fileUrl) => {
    expect(change(aDispute(), { ...sample.submit_evidence, fileUrl }).evidence?.fileUrl).toBe(fileUrl);
  });

  it.each([
    '',
    'http://example.com/a',
    'ftp://example.com/a',
    'javascript:alert(1)',
    'example.com/a',
    'https://',
    'https:///a',
    'https:/example.com',
    'https://user:secret@example.com/a',
    'https://example.com\\@evil.example/',
    ' https://example.com/a',
    'https://example.com/a b',
    'https://example.com/a\n',
    'https://example.com/\u0000',
    'https://exam\u0000ple.com/',
    'https://example.com/\u0007',
    'https://example.com/\ud83d',
    `https://example.com/${'x'.repeat(2048 - 19)}`,
  ])('must not name %j', (fileUrl) => {
    expect(refusal(aDispute(), { ...sample.submit_evidence, fileUrl })).toMatchObject({
      code: 'invalid_value',
      field: 'fileUrl',
    });
  });
});

describe('a request for evidence', () => {
  it('keeps its note in the history', () => {
    expect(change(aDispute(), sample.request_evidence).events[0]?.data).toEqual({
      note: 'Please send the contract.',
    });
  });
});

describe('a dispute that has ended', () => {
  it('says how', () => {
    expect(change(aDispute(), sample.win).state).toMatchObject({
      state: 'WON',
      resolution: sample.win.resolution,
    });
    expect(change(aDispute(), sample.lose).state).toMatchObject({
      state: 'LOST',
      resolution: sample.lose.resolution,
    });
  });

  it('can be reopened when it was lost, for a reason, and has no resolution then', () => {
    const lost = inEveryDisputeState['LOST']!;
    const { state, events } = change(lost, sample.reopen);
    expect(state).toMatchObject({
      state: 'OPEN',
      reopenReason: sample.reopen.reason,
      evidence: lost.evidence,
    });
    expect(state).not.toHaveProperty('resolution');
    expect(events[0]?.changes).toEqual({
      state: { from: 'LOST', to: 'OPEN' },
      resolution: { from: lost.resolution },
      reopenReason: { to: sample.reopen.reason },
    });
  });

  it('cannot be reopened beside another active one of its category', () => {
    const lost = inEveryDisputeState['LOST']!;
    const { category } = lost;
    expect(refusal(lost, sample.reopen, beside(category))).toEqual({
      code: 'dispute_active',
      disputeId: 'd2',
      category,
    });
    expect(refusal(lost, sample.reopen, beside('OTHER'))).toBeUndefined();
  });
});

describe('a malformed command', () => {
  const malformed: readonly (readonly [field: string, command: DisputeCommand])[] = [
    ['note', { type: 'request_evidence', note: '' }],
    ['note', { type: 'request_evidence', note: 'x'.repeat(1001) }],
    ['comment', { type: 'submit_evidence', comment: ' ' }],
    ['comment', { type: 'submit_evidence', comment: 'x'.repeat(1001) }],
    ['resolution', { type: 'win', resolution: '' }],
    ['resolution', { type: 'lose', resolution: 'x'.repeat(5001) }],
    ['reason', { type: 'reopen', reason: '\n' }],
    ['reason', { type: 'reopen', reason: 'x'.repeat(1001) }],
  ];

  it.each(malformed)('is refused because of its %s, whatever the state (case %#)', (field, command) => {
    for (const dispute of Object.values(inEveryDisputeState)) {
      expect(refusal(dispute, command)).toMatchObject({ code: 'invalid_value', field });
    }
  });
});
